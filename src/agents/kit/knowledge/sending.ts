import { Struct } from "effect";
import { defined } from "../../../domain/kernel/mod.ts";
import type { Sha256 } from "../../../domain/knowledge/record.ts";
import { updateOf } from "../../../domain/knowledge/update.ts";
import type { Client } from "../client.ts";
import { CommandRefused, isBusy, isGivenBefore, messageOf } from "../errors.ts";
import { backoff, deferred, pause } from "../waiting.ts";
import { sha256 } from "./join.ts";
import type { OwnChange } from "./outbox.ts";
import type { ReplicaState } from "./replica-state.ts";

/** Changes that are under way to the log at once. One connection carries them, so they are handled in their order. */
const width = 64;
const sendTimeoutMs = 5_000;
const gatheringMilliseconds = 5;
const idleMilliseconds = 60_000;
/** Milliseconds that an accepted change may take to come back from the log. */
const returnMilliseconds = 1_000;

interface Sending {
  readonly client: Client;
  readonly space: string;
  readonly state: ReplicaState;
  readonly log: (message: string) => void;
  /** Called with the id of a record that the rules refused. */
  readonly dropped: (id: string) => Promise<void>;
  readonly signal: AbortSignal;
}

const outcomeOf = (sent: Promise<{ readonly events: ReadonlyArray<string> }>): Promise<Outcome> =>
  sent.then(
    ({ events }): Outcome => ({ is: "accepted", isNew: events.length > 0 }),
    (error: unknown): Outcome => {
      if (!(error instanceof CommandRefused) || error.code === "unavailable" || error.code === "timeout") throw error;
      if (isBusy(error)) throw error;
      // The log has the record by an update that this replica has written again since.
      if (isGivenBefore(error)) return { is: "accepted", isNew: false };
      return { is: "refused", reason: error.reason ?? error.code, message: error.message };
    },
  );

type Settled = ReturnType<typeof settle>;

const sendOne = async (
  change: OwnChange,
  { client, space, state, log, dropped, signal }: Sending,
): Promise<Settled> => {
  const { commandId, command, payload } = submission(change, sha256);
  const settings = { commandId, timeoutMs: sendTimeoutMs, signal };
  const outcome = await outcomeOf(client.command("knowledge", space, command, payload, settings));
  const settled = settle(state, change, outcome);
  if (settled !== "dropped") return settled;
  if (outcome.is === "refused") log(`record ${change.entry.id} was refused: ${outcome.message}`);
  await dropped(change.entry.id);
  return settled;
};

/**
 * Sends the changes that wait in a replica to the log, oldest first, whenever the log can be reached, until `signal`
 * aborts. Call `wake` when a change begins to wait.
 */
export const sendChanges = (sending: Sending): { readonly wake: () => void; readonly ended: Promise<void> } => {
  const { state, log, signal } = sending;
  let woken = deferred();

  const send = async () => {
    const sent = new Set<string>();
    let atOnce = width;
    for (let failures = 0; !signal.aborted; ) {
      const waiting = state.outbox.filter(({ entry }) => !sent.has(entry.id)).slice(0, atOnce);
      if (waiting.length === 0) {
        await Promise.race([woken.promise, pause(sent.size === 0 ? idleMilliseconds : returnMilliseconds, signal)]);
        woken = deferred();
        // A change that was accepted and has not come back from the log is sent again: its command id makes it count once.
        sent.clear();
        // The announcement goes first, and changes that follow at once are sent together.
        await pause(gatheringMilliseconds, signal);
        continue;
      }
      const results = await Promise.allSettled(waiting.map((change) => sendOne(change, sending)));
      // What comes after a change that was not taken is refused too, and each refusal counts for the principal's rate.
      const inOrder = results.every((result) => result.status === "fulfilled" && result.value !== "again");
      atOnce = inOrder ? Math.min(width, atOnce * 2) : 1;
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

/**
 * Returns a change as a command of its space. The id of the command is that of the record, so that repetitions count
 * once.
 */
export const submission = ({ entry, bytes }: OwnChange, sha256: Sha256) => {
  const { id, record, signature } = entry;
  const made = defined({ stamp: record.stamp, update: updateOf(bytes, sha256), signature });
  const commandId = `record-${id}`;
  switch (record.kind) {
    case "fact":
      return {
        commandId,
        command: "assert-fact",
        payload: { ...Struct.omit(record, ["kind", "author"]), ...made },
      } as const;
    case "retraction":
      return {
        commandId,
        command: "retract-fact",
        payload: { ...Struct.omit(record, ["kind", "author"]), ...made },
      } as const;
    case "evidence": {
      const { verdict, fact, evidence, note } = record;
      const command = verdict === "support" ? "support-fact" : "dispute-fact";
      return { commandId, command, payload: defined({ fact, evidence, note, ...made }) } as const;
    }
    case "belief":
      return {
        commandId,
        command: "state-belief",
        payload: { ...Struct.omit(record, ["kind", "author"]), ...made },
      } as const;
    case "settlement":
      throw new Error("only a vote settles a conflict");
    case "revocation":
      throw new Error("only the installation strikes records");
  }
};

/** The outcome of a change that was sent. */
export type Outcome =
  | { readonly is: "accepted"; readonly isNew: boolean }
  | { readonly is: "refused"; readonly reason: string; readonly message: string };

/**
 * Applies an outcome to the changes that wait. Returns `sent` if the log has the change and will show it. Returns
 * `again` if another change must come first, or if the client id was used before: the change is then written again.
 * Returns `dropped` if the rules do not allow it.
 */
export const settle = (state: ReplicaState, sent: OwnChange, outcome: Outcome): "sent" | "again" | "dropped" => {
  if (outcome.is === "accepted") {
    // The log has the record by another update, so changes that were written after this one would wait for ever.
    if (!outcome.isNew && state.isCurrent(sent)) state.beginSession();
    return "sent";
  }
  switch (outcome.reason) {
    case "missing-predecessor":
    case "client-reused":
      // If several were under way, the first of them has already had it written again.
      if (state.isCurrent(sent)) state.beginSession();
      return "again";
    default:
      state.drop(sent.entry.id);
      return "dropped";
  }
};
