import { DeliverPolicy } from "@nats-io/jetstream";
import { Schema } from "effect";
import type { Client } from "../client.ts";
import { messageOf } from "../errors.ts";
import { backoff, pause } from "../pause.ts";
import { isSpaceEvent, type LoggedEvent } from "./logged-event.ts";

const Commit = Schema.Struct({
  firstVersion: Schema.Int,
  events: Schema.Array(Schema.Struct({ type: Schema.String, data: Schema.Unknown })),
});
const isCommit = Schema.is(Commit);

/** What a reader of the log does with an event: goes on, or reads again from where it says it is. */
type Take = (event: LoggedEvent) => "go-on" | "again";

/**
 * The events of a space from the log itself, in its order, from after `position()` on, until `signal` aborts. Starts again
 * where the connection is lost, a message is no commit, or `take` misses something.
 */
export const readLog = async (
  client: Client,
  space: string,
  position: () => number,
  take: Take,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (message: string) => void },
): Promise<void> => {
  const { names, jetstream } = client;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const consumer = await jetstream.consumers.get(names.streams.events, {
        filter_subjects: names.subjects.event("knowledge", space),
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: position() + 1,
      });
      const messages = await consumer.consume({ max_messages: 1_000, expires: 5_000 });
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const message of messages) {
          if (signal.aborted) return;
          const commit: unknown = message.json();
          if (!isCommit(commit)) throw new Error(`message ${message.seq} of the log is no commit`);
          const done = commit.events.every((event, index) => {
            if (!isSpaceEvent(event)) throw new Error(`message ${message.seq} of the log has no event of a space`);
            return take({ version: commit.firstVersion + index, position: message.seq, event }) === "go-on";
          });
          if (!done) break;
          failures = 0;
        }
      } finally {
        signal.removeEventListener("abort", stop);
        messages.stop();
      }
    } catch (error) {
      failures += 1;
      if (!signal.aborted && failures === 1) log(`the log cannot be read: ${messageOf(error)}: trying again`);
    }
    if (!signal.aborted) await pause(backoff(Math.max(1, failures)), signal);
  }
};
