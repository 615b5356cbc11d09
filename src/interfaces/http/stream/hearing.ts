import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { Option, Schema } from "effect";
import { StepOutput } from "../../../contract/signals.ts";
import { frame } from "./frames.ts";
import type { Heard } from "./selection.ts";

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(StepOutput));

/** Bytes of a message, and messages a second, that are passed on to one tab. The rest is left out. */
const mostBytes = 64 * 1024;
const mostPerSecond = 100;

/**
 * Returns the frame of a message with output. Anybody may publish on such a subject, so the frame says who did: the page
 * believes the agent that has the deployment's task, and nobody else. Undefined if it is not output.
 */
const outputFrame = (message: Msg): string | undefined => {
  if (message.data.length > mostBytes) return undefined;
  const output = Option.getOrUndefined(decode(message.string()));
  const [agent, deployment] = message.subject.split(".").slice(-2);
  return output && frame("output", JSON.stringify({ deployment, agent, ...output }));
};

/**
 * Sends what programs print, until the returned function is called. Nothing is kept: a tab that was away has missed it.
 * If the server does not permit the subscription, nothing comes.
 */
export const hear = (nats: NatsConnection, heard: ReadonlyArray<Heard>, send: (text: string) => void): (() => void) => {
  let second = 0;
  let passed = 0;
  const isTooMuch = (): boolean => {
    const now = Math.floor(Date.now() / 1000);
    passed = now === second ? passed + 1 : 1;
    second = now;
    return passed > mostPerSecond;
  };
  const subscriptions = heard.map(({ subject }) =>
    nats.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null || isTooMuch()) return;
        const text = outputFrame(message);
        if (text !== undefined) send(text);
      },
    }),
  );
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
};
