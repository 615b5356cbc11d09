import { connect } from "@nats-io/transport-node";
import { conditionalPublisher } from "./bare-publisher.ts";

/**
 * The least that a backend in Node can do for a command: reads a request as JSON, publishes under the expected sequence of
 * its lane, and answers with where that is. Nothing but the NATS client. Its argument is the URL of a server. It runs until
 * the parent process disconnects.
 */
const nats = await connect({ servers: process.argv[2] ?? "" });
const publish = await conditionalPublisher(nats);
nats.subscribe("bare.responder.*", {
  queue: "responders",
  callback: (_, message) => {
    const command = message.json<Readonly<Record<string, unknown>>>();
    publish(message.subject.slice("bare.".length)).then((position) =>
      message.respond(JSON.stringify({ ok: true, position, fields: Object.keys(command) })),
    );
  },
});
await nats.flush();
process.once("disconnect", () => void nats.close());
process.send?.("ready");
