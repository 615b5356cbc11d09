import { hash } from "node:crypto";
import { Result } from "effect";
import type { CommandOf, EventOf } from "../../../../src/domain/kernel/mod.ts";
import type { KnownToSpaces } from "../../../../src/domain/knowledge/contract.ts";
import { knowledge } from "../../../../src/domain/knowledge/decider.ts";
import type { Fact, FactObject } from "../../../../src/domain/knowledge/fact.ts";
import { KnowledgeBase } from "../../../../src/domain/knowledge/knowledge-base.ts";
import { type Entry, type Evidence, entryOf, type KnowledgeRecord } from "../../../../src/domain/knowledge/record.ts";
import type { SpaceState } from "../../../../src/domain/knowledge/state.ts";

export type Command = CommandOf<typeof knowledge.commands>;
export type Event = EventOf<typeof knowledge.events>;

export const sha256 = (text: string): string => hash("sha256", text);

export const known: KnownToSpaces = { sha256, verify: (key, text, signature) => signature === `${key} signed ${text}` };

/** The stamp of a minute in the year of the tests. */
export const minute = (number: number): string =>
  `2026-01-01T${String(Math.floor(number / 60)).padStart(2, "0")}:${String(number % 60).padStart(2, "0")}:00.000Z-00000`;

export const fact = (
  subject: string,
  predicate: string,
  object: FactObject,
  more: Partial<Pick<Fact, "author" | "stamp" | "confidence" | "source" | "provenance">> = {},
): Entry =>
  entryOf(
    { kind: "fact", subject, predicate, object, confidence: 1, author: "ada", stamp: minute(1), ...more },
    sha256,
  );

export const evidence = (of: Entry, author: string, verdict: Evidence["verdict"], name = "seen", at = 2): Entry =>
  entryOf({ kind: "evidence", fact: of.id, verdict, evidence: name, author, stamp: minute(at) }, sha256);

export const retraction = (of: Entry, author = "ada", at = 3): Entry =>
  entryOf({ kind: "retraction", fact: of.id, author, stamp: minute(at) }, sha256);

export const publicKey = `U${"A".repeat(55)}`;

export const revocation = (
  struck: readonly [Entry, ...ReadonlyArray<Entry>],
  at = 4,
  reason = "it was copied",
): Entry => {
  const [first, ...rest] = struck;
  const records = [first.id, ...rest.map(({ id }) => id)] as const;
  return entryOf({ kind: "revocation", records, publicKey, reason, author: "authority", stamp: minute(at) }, sha256);
};

export const record = (one: KnowledgeRecord): Entry => entryOf(one, sha256);

export const baseOf = (...entries: ReadonlyArray<Entry>): KnowledgeBase => {
  const base = new KnowledgeBase();
  for (const entry of entries) base.add(entry);
  return base;
};

/** A space that decides for real: what `give` accepts is in `events` and in `state`. */
export const space = (id = "team") => {
  let state: SpaceState = knowledge.initial;
  const events: Array<Event> = [];
  return {
    events,
    state: () => state,
    give: (
      command: Command,
      principal = "ada",
      overrides: { readonly time?: string; readonly known?: Partial<KnownToSpaces> } = {},
    ) => {
      const { time = "2026-01-01T12:00:00.000Z" } = overrides;
      const decided = knowledge.decide(command, state, {
        aggregateId: id,
        commandId: `command-${events.length}`,
        principal,
        time,
        known: { ...known, ...overrides.known },
      });
      if (Result.isFailure(decided)) return decided.failure.reason;
      for (const event of decided.success) {
        events.push(event);
        state = knowledge.evolve(state, event, { aggregateId: id, version: events.length, actor: principal, time });
      }
      return decided.success;
    },
  };
};

export const assert = (subject: string, predicate: string, object: FactObject, confidence = 1): Command => ({
  type: "assert-fact",
  payload: { subject, predicate, object, confidence },
});

/** The entry of an event that has one. */
export const entryIn = (event: Event | undefined): Entry => {
  if (event === undefined || !("record" in event.data)) throw new Error("this event has no record");
  const { id, record: one, signature } = event.data;
  return signature === undefined ? { id, record: one } : { id, record: one, signature };
};
