import { AckPolicy, jetstream, jetstreamManager, PersistMode, RetentionPolicy } from "@nats-io/jetstream";
import type { Agent, Client } from "../../src/agents/kit/mod.ts";
import { conditionalPublisher, lazyPublisher } from "./bare-publisher.ts";

const stream = "FLOOR-INBOX";

/**
 * The bare messages that a turn makes on the server: a request and its reply, a commit and, written lazily, the event
 * in the feed and the delivery. Its recipient reads the delivery from a durable consumer and acknowledges it.
 */
export const bareTurns = async (
  { nats }: Client,
  agents: ReadonlyArray<Agent>,
  lanes: number,
): Promise<(index: number) => Promise<void>> => {
  const manager = await jetstreamManager(nats);
  const subjects = [`${stream}.>`];
  await manager.streams.add({
    name: stream,
    subjects,
    retention: RetentionPolicy.Interest,
    persist_mode: PersistMode.Async,
  });
  const heard = new Map<string, () => void>();
  for (const { id, client } of agents) {
    const consumer = { durable_name: id, filter_subject: `${stream}.${id}`, ack_policy: AckPolicy.Explicit };
    await manager.consumers.add(stream, consumer);
    await (await client.jetstream.consumers.get(stream, id)).consume({
      callback: (message) => {
        heard.get(message.string().trim())?.();
        message.ack();
      },
    });
  }
  const commit = await conditionalPublisher(nats);
  const feed = await lazyPublisher(nats, "FLOOR-FEED");
  const js = jetstream(nats);
  let said = 0;
  return async (index) => {
    const text = String(said++);
    const arrived = new Promise<void>((resolve) => heard.set(text, resolve));
    await nats.request("bare.echo", "{}");
    await commit(`l${index % lanes}`);
    const beside = feed(text);
    await js.publish(`${stream}.${agents[index % agents.length]?.id}`, text.padEnd(500));
    await arrived;
    await beside;
    heard.delete(text);
  };
};
