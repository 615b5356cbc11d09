import { Array as Arr, HashMap, HashSet, Option, Result } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  defined,
  type PayloadOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import type { KnowledgeContext, KnowledgeDecision, KnowledgeEvent, knowledgeCommands } from "./contract.ts";
import { type Entry, entryOf, type KnowledgeRecord } from "./record.ts";
import { judge, type KnownRecords } from "./rules.ts";
import { nextStamp } from "./stamp.ts";
import { evolve, type SpaceState } from "./state.ts";
import { checkUpdate, makeUpdate, type Place, type Update } from "./update.ts";

/** The internal command after the fact to settle is known. */
export type Settling = {
  readonly type: "settle";
  readonly payload: Omit<PayloadOf<typeof knowledgeCommands, "settle">, "fact"> & { readonly fact: string };
};

/** The internal command that strikes records. */
type Revoking = Extract<CommandOf<typeof knowledgeCommands>, { type: "revoke-records" }>;

/** The commands that add a record. */
export type Recorded =
  | Extract<
      CommandOf<typeof knowledgeCommands>,
      { type: "assert-fact" | "retract-fact" | "support-fact" | "dispute-fact" | "state-belief" }
    >
  | Settling
  | Revoking;

/** Returns whether the installation adds the record itself, without update and signature. */
const isOwn = (command: Recorded): command is Settling | Revoking =>
  command.type === "settle" || command.type === "revoke-records";

/** Returns the record that a command adds. Its stamp is that of the creating replica, or a new one after `last`. */
const recordOf = (
  command: Recorded,
  last: string,
  { principal: author, time }: Pick<KnowledgeContext, "principal" | "time">,
): KnowledgeRecord => {
  const given = isOwn(command) ? undefined : command.payload.stamp;
  const authorship = { author, stamp: given ?? nextStamp(last, time) };
  switch (command.type) {
    case "assert-fact": {
      const { subject, predicate, object, confidence, source, provenance } = command.payload;
      return defined({ kind: "fact", subject, predicate, object, confidence, source, provenance, ...authorship });
    }
    case "retract-fact": {
      const { fact, reason } = command.payload;
      return defined({ kind: "retraction", fact, reason, ...authorship });
    }
    case "support-fact":
    case "dispute-fact": {
      const { fact, evidence, note } = command.payload;
      const verdict = command.type === "support-fact" ? "support" : "dispute";
      return defined({ kind: "evidence", fact, verdict, evidence, note, ...authorship });
    }
    case "state-belief": {
      const { subject, predicate, object, degree, reason } = command.payload;
      return defined({ kind: "belief", subject, predicate, object, degree, reason, ...authorship });
    }
    case "settle":
      return { kind: "settlement", ...command.payload, ...authorship };
    case "revoke-records":
      return { kind: "revocation", ...command.payload, ...authorship };
  }
};

const eventTypes = {
  "assert-fact": "fact-asserted",
  "retract-fact": "fact-retracted",
  "support-fact": "fact-supported",
  "dispute-fact": "fact-disputed",
  "state-belief": "belief-stated",
  settle: "conflict-settled",
  "revoke-records": "records-revoked",
} as const;

/** Returns the records of a space in the form that its rules need. */
const knownIn = (space: SpaceState): KnownRecords => ({
  has: (id) => HashMap.has(space.facts, id) || HashSet.has(space.others, id),
  authorOf: (fact) => Option.getOrUndefined(HashMap.get(space.facts, fact)),
  isRetracted: (fact) => HashMap.has(space.retracted, fact),
  hasEvidence: (key) => HashMap.has(space.evidence, key),
});

/** Checks that the author's registered key signed the record's id. Otherwise anyone could speak for anyone. */
const checkSignature = (
  { id, signature }: Entry,
  space: SpaceState,
  { aggregateId, principal, known }: KnowledgeContext,
): Result.Result<void, Rejection> => {
  if (signature === undefined)
    return space.policy.requireSignatures
      ? refuse("signature-missing", `space \`${aggregateId}\` takes signed records only: sign the record's id`)
      : Result.succeed(undefined);
  if (!known.verify(signature.publicKey, id, signature.signature))
    return refuse("signature-wrong", `the signature does not fit ${id} under the given key`);
  if (known.isRevoked?.(principal, signature.publicKey) === true)
    return refuse(
      "key-revoked",
      `${signature.publicKey} was revoked: \`${principal}\` needs another key from an admin`,
    );
  return space.policy.requireSignatures && signature.publicKey !== known.publicKeyOf?.(principal)
    ? refuse("key-unknown", `\`${principal}\` has not registered this key: register the agent with its \`publicKey\``)
    : Result.succeed(undefined);
};

/**
 * Checks that an update has the next clock of its yjs client. yjs holds back everything after a gap, so one lost update
 * would hide the client's later writes from every replica. A clock that is used twice would be ignored.
 */
const checkPlace = ({ client, clock }: Place, space: SpaceState): Result.Result<void, Rejection> => {
  const next = Option.getOrElse(HashMap.get(space.clocks, client), () => 0);
  if (clock === next && client !== space.writer) return Result.succeed(undefined);
  return clock > next
    ? refuse("missing-predecessor", `update ${clock} of client ${client} came before update ${next}: send that first`, {
        client,
        clock,
        next,
      })
    : refuse("client-reused", `client ${client} has written clock ${clock} already: write under a fresh client id`, {
        client,
        clock,
        next,
      });
};

/**
 * Returns the place of the log's own next update. The log has its own yjs client in each epoch, derived from the first
 * command that writes in it. So a repeated decision gives the same bytes.
 */
const ownPlace = (space: SpaceState, { aggregateId, commandId, known }: KnowledgeContext): Place => {
  if (space.writer === undefined) {
    const seed = known.sha256(canonicalJson([aggregateId, space.epoch, commandId]));
    return { client: Number.parseInt(seed.slice(0, 13), 16), clock: 0 };
  }
  return { client: space.writer, clock: Option.getOrElse(HashMap.get(space.clocks, space.writer), () => 0) };
};

const withUpdate = (
  entry: Entry,
  given: Update | undefined,
  space: SpaceState,
  context: KnowledgeContext,
): Result.Result<{ readonly update: Update & Place; readonly origin: "log" | "replica" }, Rejection> =>
  Result.gen(function* () {
    const { sha256 } = context.known;
    if (given === undefined) {
      const place = ownPlace(space, context);
      return { update: { ...makeUpdate(entry, place, sha256), ...place }, origin: "log" as const };
    }
    const place = yield* checkUpdate(given, entry, sha256);
    yield* checkPlace(place, space);
    return { update: { ...given, ...place }, origin: "replica" as const };
  });

/** Adds a record, unless it exists. */
export const add = (command: Recorded, space: SpaceState, context: KnowledgeContext): KnowledgeDecision =>
  Result.gen(function* () {
    const { update, signature } = isOwn(command) ? {} : command.payload;
    const record = recordOf(command, space.stamp, context);
    const entry = entryOf(record, context.known.sha256, signature);
    const known = knownIn(space);
    if (known.has(entry.id)) return [];
    yield* judge(record, known, context.time);
    if (!isOwn(command)) yield* checkSignature(entry, space, context);
    const data = { ...entry, ...(yield* withUpdate(entry, update, space, context)) };
    return [{ type: eventTypes[command.type], data }];
  });

/** Strikes the given records that the space has and that still count. */
export const revoke = (
  { records, ...why }: Revoking["payload"],
  space: SpaceState,
  context: KnowledgeContext,
): KnowledgeDecision => {
  const known = knownIn(space);
  const standing = records.filter((id) => known.has(id) && !HashSet.has(space.revoked, id));
  return Arr.isReadonlyArrayNonEmpty(standing)
    ? add({ type: "revoke-records", payload: { ...why, records: standing } }, space, context)
    : accept();
};

/** Adds facts in order, each judged after those before it. */
export const addAll = (
  { facts }: PayloadOf<typeof knowledgeCommands, "assert-facts">,
  space: SpaceState,
  context: KnowledgeContext,
): KnowledgeDecision =>
  Result.gen(function* () {
    const events: Array<KnowledgeEvent> = [];
    let reached = space;
    for (const payload of facts) {
      const added = yield* add({ type: "assert-fact", payload }, reached, context);
      events.push(...added);
      reached = added.reduce(evolve, reached);
    }
    return events;
  });
