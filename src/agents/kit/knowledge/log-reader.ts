import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { Schema } from "effect";
import { readingOf } from "../../../contract/readings.ts";
import type { EventOf } from "../../../domain/kernel/mod.ts";
import { knowledge } from "../../../domain/knowledge/decider.ts";
import type { Client } from "../client.ts";
import { messageOf } from "../errors.ts";
import { openReader } from "../reader.ts";
import { backoff, pause } from "../waiting.ts";

export type SpaceEvent = EventOf<typeof knowledge.events>;

/** An event of a space, as the log has it. */
export interface LoggedEvent {
  /** Its number in the space, from 1. */
  readonly version: number;
  /** Position of its commit. */
  readonly position: number;
  readonly event: SpaceEvent;
}

const data = Object.fromEntries(Object.entries(knowledge.events).map(([type, spec]) => [type, Schema.is(spec.schema)]));

/** Returns whether a value from the log is an event of a space. */
export const isSpaceEvent = (value: { readonly type: string; readonly data: unknown }): value is SpaceEvent =>
  Object.hasOwn(data, value.type) && data[value.type]?.(value.data) === true;

const Commit = Schema.Struct({
  firstVersion: Schema.Int,
  events: Schema.Array(Schema.Struct({ type: Schema.String, data: Schema.Unknown })),
});
const isCommit = Schema.is(Commit);

/** The commit in a message of the log; undefined if it is something else. Others may have written it. */
const commitIn = (message: Pick<JsMsg, "json">): typeof Commit.Type | undefined => {
  try {
    const value: unknown = message.json();
    return isCommit(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Takes an event. `again` makes the reader start again after the position that it then reports. */
type Take = (event: LoggedEvent) => "go-on" | "again";

/**
 * Reads the events of a space from the log itself, in its order, after `position()`, until `signal` aborts. Starts
 * again if the connection is lost or `take` asks for it. Ends at a message that is not a commit, where the space ends for all.
 */
export const readLog = async (
  client: Client,
  space: string,
  position: () => number,
  take: Take,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (message: string) => void },
): Promise<void> => {
  const { names } = client;
  const source = { stream: names.streams.events, reading: readingOf.knowledge(space) };
  for (let failures = 0; !signal.aborted; ) {
    try {
      const consumer = await openReader(client, source, {
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
          const commit = commitIn(message);
          if (commit === undefined) {
            log(
              `message ${message.seq} of the log is not a commit of space ${space}, which can only be read from now on`,
            );
            return;
          }
          const done = commit.events.every((event, index) => {
            if (!isSpaceEvent(event))
              throw new Error(`message ${message.seq} of the log has an event that is not of a space`);
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
