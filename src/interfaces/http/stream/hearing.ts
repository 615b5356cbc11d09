import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { Option, Schema } from "effect";
import { DraftMessage, longestDraftMessage, StepOutput } from "../../../contract/signals.ts";
import { frame } from "./frames.ts";
import type { Heard } from "./selection.ts";

const decodeOutput = Schema.decodeUnknownOption(Schema.fromJsonString(StepOutput));
const decodeDraft = Schema.decodeUnknownOption(Schema.fromJsonString(DraftMessage));

/** Bytes of a message, and messages a second, that are passed on to one tab. The rest is left out. */
const mostBytes = { output: 64 * 1024, draft: longestDraftMessage + 1024, presence: 4 * 1024 } as const;
const mostPerSecond = 100;

/**
 * Returns the frame of a message with output. Anybody may publish on such a subject, so the frame says who did: the page
 * believes the agent that has the deployment's task, and nobody else. Undefined if it is not output.
 */
const outputFrame = (message: Msg): string | undefined => {
  const output = Option.getOrUndefined(decodeOutput(message.string()));
  const [agent, deployment] = message.subject.split(".").slice(-2);
  return output && frame("output", JSON.stringify({ deployment, agent, ...output }));
};

/** Returns the frame of a message about a draft, with who said it. Undefined if it is none. */
const draftFrame = (message: Msg): string | undefined => {
  const said = Option.getOrUndefined(decodeDraft(message.string()));
  const [principal, draft] = message.subject.split(".").slice(-2);
  return said && frame("draft", JSON.stringify({ draft, principal, ...said }));
};

/** Returns the frame of a message that says who has a draft open, or has it no more. What is edited in it is left out. */
const presenceFrame = (message: Msg): string | undefined => {
  const said = Option.getOrUndefined(decodeDraft(message.string()));
  return said?.kind === "presence" || said?.kind === "leave" ? draftFrame(message) : undefined;
};

const frameOf = { output: outputFrame, draft: draftFrame, presence: presenceFrame } as const;

/**
 * Sends what programs print and what is said about drafts, until the returned function is called. Nothing is kept: a tab
 * that was away has missed it. If the server does not permit the subscription, nothing comes.
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
  const subscriptions = heard.map(({ kind, subject }) =>
    nats.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null || message.data.length > mostBytes[kind] || isTooMuch()) return;
        const text = frameOf[kind](message);
        if (text !== undefined) send(text);
      },
    }),
  );
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
};
