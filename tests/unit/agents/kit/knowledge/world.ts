import { Result, Schema } from "effect";
import type { LoggedEvent } from "../../../../../src/agents/kit/knowledge/log-reader.ts";
import { restoreState, stateText } from "../../../../../src/agents/kit/knowledge/replica-file.ts";
import { ReplicaState } from "../../../../../src/agents/kit/knowledge/replica-state.ts";
import { type Outcome, settle, submission } from "../../../../../src/agents/kit/knowledge/sending.ts";
import { changeIn, entryOfChange } from "../../../../../src/domain/knowledge/contract.ts";
import { knowledge } from "../../../../../src/domain/knowledge/decider.ts";
import type { FactObject } from "../../../../../src/domain/knowledge/fact.ts";
import { canonicalExport } from "../../../../../src/domain/knowledge/knowledge-base.ts";
import { baseOf, type Command, publicKey, sha256, space } from "../../../domain/knowledge/fixtures.ts";

/** Flips one bit of a text's UTF-8, as a disk might; the text is cut where it is none any more. */
export const flipBit = (text: string, at: number): string => {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return text;
  const bit = at % (bytes.length * 8);
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return bytes.toString();
};

const decodePayload = (command: string, payload: unknown): Command =>
  Schema.decodeUnknownSync(Schema.Struct({ type: Schema.String, payload: Schema.Unknown }))({
    type: command,
    payload: Schema.decodeUnknownSync(knowledge.commands[command as "assert-fact"].schema)(
      JSON.parse(JSON.stringify(payload)),
    ),
  }) as Command;

/** A log that decides for real, and replicas around it that a test connects, cuts off, restarts and damages. */
export const world = (count: number) => {
  const log = space();
  const answers = new Map<string, Outcome>();
  const acknowledged = new Set<string>();
  let clock = Date.parse("2026-01-01T00:00:00.000Z");
  const now = () => new Date(clock).toISOString();
  const made = (index: number) => new ReplicaState({ author: `agent-${index}`, sha256, now });
  const replicas = Array.from({ length: count }, (_, index) => made(index));
  const replica = (index: number): ReplicaState => {
    const found = replicas[index % count];
    if (found === undefined) throw new Error("no such replica");
    return found;
  };

  const logged = (version: number): LoggedEvent | undefined => {
    const event = log.events[version - 1];
    return event === undefined ? undefined : { version, position: version * 2, event };
  };

  /** Handles a command as a backend does: one that was handled is answered as it was then. */
  const handle = (index: number, sent: ReturnType<typeof submission>): Outcome => {
    const before = answers.get(sent.commandId);
    if (before !== undefined) return before;
    const given = log.give(decodePayload(sent.command, sent.payload), `agent-${index % count}`, { time: now() });
    if (typeof given === "string") return { is: "refused", reason: given, message: given };
    const outcome: Outcome = { is: "accepted", isNew: given.length > 0 };
    if (given.length > 0) answers.set(sent.commandId, outcome);
    return outcome;
  };

  return {
    log,
    acknowledged,
    replica,
    pass: (milliseconds: number) => {
      clock += milliseconds;
    },
    factOf: (index: number, which: number): string | undefined => {
      const ids = [...replica(index).knowledge.base.facts()].map(({ id }) => id).sort();
      return ids[which % Math.max(1, ids.length)];
    },
    write: (index: number, subject: string, predicate: string, object: FactObject) => {
      const one = replica(index);
      one.add({ kind: "fact", subject, predicate, object, confidence: 1, ...one.authorship() });
    },
    retract: (index: number, fact: string) => {
      const one = replica(index);
      return Result.isSuccess(one.add({ kind: "retraction", fact, ...one.authorship() }));
    },
    weigh: (index: number, fact: string, verdict: "support" | "dispute", evidence: string) => {
      const one = replica(index);
      return Result.isSuccess(one.add({ kind: "evidence", fact, verdict, evidence, ...one.authorship() }));
    },
    /** The installation strikes one record of the log, and the one after it. */
    revoke: (which: number) => {
      const ids = log.events.flatMap((event) => changeIn(event)?.id ?? []);
      const first = ids[which % Math.max(1, ids.length)];
      const second = ids[(which + 1) % Math.max(1, ids.length)];
      if (first === undefined || second === undefined) return;
      log.give(
        { type: "revoke-records", payload: { records: [first, second], publicKey, reason: "it was copied" } },
        "authority",
        { time: now() },
      );
    },
    /** Sends the changes that wait, oldest first; of some, the answer is lost. */
    submit: (index: number, most: number, answered: boolean) => {
      const one = replica(index);
      for (const { entry } of one.outbox.slice(0, most)) {
        // What the one before it led to may have written this one anew.
        const change = one.outbox.find((waiting) => waiting.entry.id === entry.id);
        if (change === undefined) continue;
        const outcome = handle(index, submission(change, sha256));
        if (outcome.is === "accepted") acknowledged.add(entry.id);
        if (answered) settle(one, change, outcome);
      }
    },
    /** A replica reads the log from where it is; what it gets may be out of order, twice, or damaged. */
    deliver: (index: number, most: number, fault: "none" | "twice" | "skip" | "flip", bit: number) => {
      const one = replica(index);
      for (let step = 0; step < most; step++) {
        const next = logged(one.version + (fault === "skip" ? 2 : 1));
        if (next === undefined) return;
        if (fault === "flip") {
          const change = changeIn(next.event);
          if (change === undefined) return;
          const raw = Buffer.from(change.update.bytes, "base64");
          const at = bit % (raw.length * 8);
          raw.writeUInt8(raw.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
          const update = { ...change.update, bytes: raw.toString("base64") };
          const damaged = { ...next, event: { ...next.event, data: { ...change, update } } } as LoggedEvent;
          if (one.take(damaged) !== "damaged") throw new Error("a damaged update was taken");
          return;
        }
        const taken = one.take(next);
        if (fault === "skip" ? taken !== "gap" : taken !== "taken") throw new Error(`${fault}: ${taken}`);
        if (fault === "skip") return;
        if (fault === "twice" && one.take(next) !== "known") throw new Error("taken twice");
      }
    },
    announce: (from: number, to: number) => {
      if (from % count === to % count) return;
      for (const { entry } of replica(from).outbox)
        replica(to).announce(`agent-${from % count}`, JSON.parse(JSON.stringify(entry)));
    },
    /** The process ends, and another one goes on with its file, in which a bit may be flipped. */
    restart: (index: number, bit: number | undefined) => {
      const text = stateText(replica(index));
      const next = made(index % count);
      const damaged = restoreState(next, bit === undefined ? text : flipBit(text, bit));
      replicas[index % count] = next;
      return damaged;
    },
    expire: (index: number) => replica(index).expire(new Date(clock + 1).toISOString()),
    epoch: () => {
      const { epoch, records, content } = log.state();
      const position = log.events.length;
      log.give({
        type: "start-epoch",
        payload: { epoch: epoch + 1, snapshot: { chunks: [], records, content, version: position, position } },
      });
    },
    logged,
    export: (): string =>
      canonicalExport(
        baseOf(
          ...log.events.flatMap((event) => {
            const change = changeIn(event);
            return change === undefined ? [] : [entryOfChange(change)];
          }),
        ),
      ),
  };
};
