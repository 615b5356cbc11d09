import type { Sha256 } from "../../../domain/knowledge/record.ts";
import { updateOf } from "../../../domain/knowledge/update.ts";
import type { OwnChange } from "./outbox.ts";
import type { ReplicaState } from "./replica-state.ts";

/** A change as a command of its space. Its id is made of the record's: however often it is sent, it counts once. */
export const submission = ({ entry, bytes }: OwnChange, sha256: Sha256) => {
  const { id, record, signature } = entry;
  const made = {
    stamp: record.stamp,
    update: updateOf(bytes, sha256),
    ...(signature === undefined ? {} : { signature }),
  };
  const { kind: _, author: __, ...fields } = record;
  const payload = { ...fields, ...made };
  switch (record.kind) {
    case "fact":
      return { commandId: `record-${id}`, command: "assert-fact", payload } as const;
    case "retraction":
      return { commandId: `record-${id}`, command: "retract-fact", payload } as const;
    case "evidence": {
      const { verdict, fact, evidence, note } = record;
      const about = { fact, evidence, ...(note === undefined ? {} : { note }), ...made };
      const command = verdict === "support" ? "support-fact" : "dispute-fact";
      return { commandId: `record-${id}`, command, payload: about } as const;
    }
    case "belief":
      return { commandId: `record-${id}`, command: "state-belief", payload } as const;
    case "settlement":
      throw new Error("only a vote settles a conflict");
  }
};

/** What became of a change that was sent. */
export type Outcome =
  | { readonly is: "accepted"; readonly isNew: boolean }
  | { readonly is: "refused"; readonly reason: string; readonly message: string };

/**
 * What an outcome means for what waits. `sent`: the log has it, and will show it. `again`: another change must come first,
 * or the client id is used up, and it is written anew. `dropped`: the rules do not allow it.
 */
export const settle = (state: ReplicaState, sent: OwnChange, outcome: Outcome): "sent" | "again" | "dropped" => {
  if (outcome.is === "accepted") {
    // The log has the record by another update: what was written after this one would wait for it for ever.
    if (!outcome.isNew && state.isCurrent(sent)) state.beginSession();
    return "sent";
  }
  switch (outcome.reason) {
    case "missing-predecessor":
    case "client-reused":
      // Where several were under way, the first of them has had it written anew.
      if (state.isCurrent(sent)) state.beginSession();
      return "again";
    default:
      state.drop(sent.entry.id);
      return "dropped";
  }
};
