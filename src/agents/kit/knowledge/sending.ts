import type { Client } from "../client.ts";
import { deferred } from "../deferred.ts";
import { CommandRefused, messageOf } from "../errors.ts";
import { backoff, pause } from "../pause.ts";
import { sha256 } from "./join.ts";
import type { OwnChange } from "./outbox.ts";
import type { ReplicaState } from "./replica-state.ts";
import { type Outcome, settle, submission } from "./submission.ts";

/** Changes that are under way to the log at once: handled in their order, as they are sent on one connection. */
const width = 64;
const sendTimeoutMs = 5_000;
const gatheringMilliseconds = 5;
const idleMilliseconds = 60_000;
/** How long what was accepted may take to come back from the log. */
const returnMilliseconds = 1_000;

interface Sending {
  readonly client: Client;
  readonly space: string;
  readonly state: ReplicaState;
  readonly log: (message: string) => void;
  /** Takes the id of a record that the rules refused. */
  readonly dropped: (id: string) => Promise<void>;
  readonly signal: AbortSignal;
}

const outcomeOf = (sent: Promise<{ readonly events: ReadonlyArray<string> }>): Promise<Outcome> =>
  sent.then(
    ({ events }): Outcome => ({ is: "accepted", isNew: events.length > 0 }),
    (error: unknown): Outcome => {
      if (!(error instanceof CommandRefused) || error.code === "unavailable" || error.code === "timeout") throw error;
      return { is: "refused", reason: error.reason ?? error.code, message: error.message };
    },
  );

const sendOne = async (change: OwnChange, { client, space, state, log, dropped, signal }: Sending): Promise<void> => {
  const { commandId, command, payload } = submission(change, sha256);
  const settings = { commandId, timeoutMs: sendTimeoutMs, signal };
  const outcome = await outcomeOf(client.command("knowledge", space, command, payload, settings));
  if (settle(state, change, outcome) !== "dropped") return;
  if (outcome.is === "refused") log(`record ${change.entry.id} was refused: ${outcome.message}`);
  await dropped(change.entry.id);
};

/**
 * Sends what waits in a replica to the log, oldest first, whenever the log can be reached, until `signal` aborts. `wake`
 * says that something is waiting.
 */
export const sendChanges = (sending: Sending): { readonly wake: () => void; readonly ended: Promise<void> } => {
  const { state, log, signal } = sending;
  let woken = deferred();

  const send = async () => {
    const sent = new Set<string>();
    for (let failures = 0; !signal.aborted; ) {
      const waiting = state.outbox.filter(({ entry }) => !sent.has(entry.id)).slice(0, width);
      if (waiting.length === 0) {
        await Promise.race([woken.promise, pause(sent.size === 0 ? idleMilliseconds : returnMilliseconds, signal)]);
        woken = deferred();
        // What was accepted and has not come back from the log is sent again: by its command id it counts once.
        sent.clear();
        // The announcement goes first, and what follows at once goes along.
        await pause(gatheringMilliseconds, signal);
        continue;
      }
      const results = await Promise.allSettled(waiting.map((change) => sendOne(change, sending)));
      const failed = results.find((result) => result.status === "rejected");
      for (const [at, result] of results.entries()) {
        const id = waiting[at]?.entry.id;
        if (id !== undefined && result.status === "fulfilled" && !state.has(id)) sent.add(id);
      }
      if (failed === undefined) failures = 0;
      else if (!signal.aborted) {
        failures += 1;
        if (failures === 1) log(`changes wait: ${messageOf(failed.reason)}`);
        await pause(backoff(failures), signal);
      }
    }
  };

  return { wake: () => woken.resolve(), ended: send() };
};
