import { HashMap, HashSet, Option, Result } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  type DecisionContext,
  defineDecider,
  type EventOf,
  Name,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { knowledgeCommands, knowledgeEvents } from "./contract.ts";
import { type Entry, entryOf } from "./entry.ts";
import { evolve } from "./evolve.ts";
import { type Recorded, recordOf } from "./recorded.ts";
import type { Resolution } from "./resolution.ts";
import { judge, type KnownRecords } from "./rules.ts";
import { emptySpace, SpaceState } from "./state.ts";
import { checkUpdate, makeUpdate, type Place, type Update } from "./update.ts";
import { requestVote, settle } from "./voting.ts";

/** What a space's decisions need besides its state: the library's digests, and what was looked up for this command. */
export interface KnownToSpaces {
  readonly sha256: (text: string) => string;
  readonly verify: (publicKey: string, message: string, signature: string) => boolean;
  /** The key that an agent registered; looked up for signed records alone. */
  readonly publicKeyOf?: (agent: string) => string | undefined;
  /** For `resolve`: how the conflict stands. */
  readonly resolution?: Resolution;
}

type Command = CommandOf<typeof knowledgeCommands>;
type Event = EventOf<typeof knowledgeEvents>;
type Context = DecisionContext<KnownToSpaces>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;

const eventTypes = {
  "assert-fact": "fact-asserted",
  "retract-fact": "fact-retracted",
  "support-fact": "fact-supported",
  "dispute-fact": "fact-disputed",
  "state-belief": "belief-stated",
  settle: "conflict-settled",
} as const;

/** The records of a space as its rules see them. */
const knownIn = (space: SpaceState): KnownRecords => ({
  has: (id) => HashMap.has(space.facts, id) || HashSet.has(space.others, id),
  authorOf: (fact) => Option.getOrUndefined(HashMap.get(space.facts, fact)),
  isRetracted: (fact) => HashSet.has(space.retracted, fact),
  hasEvidence: (key) => HashSet.has(space.evidence, key),
});

/** A record is its author's if the key that the author registered signed its id. */
const checkSignature = (
  { id, signature }: Entry,
  space: SpaceState,
  { aggregateId, principal, known }: Context,
): Result.Result<void, Rejection> => {
  if (signature === undefined)
    return space.policy.requireSignatures
      ? refuse("signature-missing", `space \`${aggregateId}\` takes signed records only: sign the record's id`)
      : Result.succeed(undefined);
  if (!known.verify(signature.publicKey, id, signature.signature))
    return refuse("signature-wrong", `the signature is not one of ${id} under the key that came with it`);
  return space.policy.requireSignatures && signature.publicKey !== known.publicKeyOf?.(principal)
    ? refuse("key-unknown", `\`${principal}\` has not registered this key: register the agent with its \`publicKey\``)
    : Result.succeed(undefined);
};

/** The next clock of a replica's yjs client: gaps would keep others from ever seeing what follows. */
const checkPlace = ({ client, clock }: Place, space: SpaceState): Result.Result<void, Rejection> => {
  const next = Option.getOrElse(HashMap.get(space.clocks, client), () => 0);
  if (clock === next && client !== space.writer) return Result.succeed(undefined);
  return clock > next
    ? refuse("missing-predecessor", `update ${clock} of client ${client} came before update ${next}: send that first`, {
        ...{ client, clock, next },
      })
    : refuse("client-reused", `client ${client} has written clock ${clock} already: write under a fresh client id`, {
        ...{ client, clock, next },
      });
};

/** Where the log itself writes next: under a client of its own for each epoch, made of the command that it begins with. */
const ownPlace = (space: SpaceState, { aggregateId, commandId, known }: Context): Place => {
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
  context: Context,
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

/** Adds a record, unless it is there already. */
const add = (command: Recorded, space: SpaceState, context: Context): Decision =>
  Result.gen(function* () {
    const { update, signature } = command.type === "settle" ? {} : command.payload;
    const record = recordOf(command, space.stamp, context);
    const entry = entryOf(record, context.known.sha256, signature);
    const known = knownIn(space);
    if (known.has(entry.id)) return [];
    yield* judge(record, known, context.time);
    if (command.type !== "settle") yield* checkSignature(entry, space, context);
    const data = { ...entry, ...(yield* withUpdate(entry, update, space, context)) };
    return [{ type: eventTypes[command.type], data }];
  });

/** Adds facts, each after those before it. */
const addAll = (
  { payload: { facts } }: Command & { type: "assert-facts" },
  space: SpaceState,
  context: Context,
): Decision =>
  Result.gen(function* () {
    const events: Array<Event> = [];
    let reached = space;
    for (const payload of facts) {
      const added = yield* add({ type: "assert-fact", payload }, reached, context);
      events.push(...added);
      reached = added.reduce(evolve, reached);
    }
    return events;
  });

const resolve = (
  { payload }: Command & { type: "resolve" },
  space: SpaceState,
  { aggregateId, known: { resolution } }: Context,
): Decision => {
  const { subject, predicate } = payload;
  if (resolution === undefined)
    return refuse(
      "not-single-valued",
      `space \`${aggregateId}\`: \`${predicate}\` may have many objects; name it in \`configure\` with a strategy first`,
    );
  const { strategy, winner, candidates, why } = resolution;
  if (candidates.length === 0)
    return refuse("unknown-fact", `space \`${aggregateId}\`: nobody asserts \`${predicate}\` of \`${subject}\``);
  if (strategy === "vote") return requestVote(payload, resolution, space, aggregateId);
  if (winner === undefined) return accept();
  return accept({
    type: "conflict-resolved",
    data: {
      ...{ subject, predicate, strategy, winner, why },
      candidates: candidates.map(({ id, confidence }) => ({ id, confidence })),
    },
  });
};

const configure = (
  { payload }: Command & { type: "configure" },
  space: SpaceState,
  { aggregateId, principal }: Context,
): Decision => {
  const { owner = principal } = space;
  if (owner !== principal)
    return refuse("not-the-owner", `space \`${aggregateId}\` is \`${owner}\`'s, who alone sets its rules`, { owner });
  const policy = { ...space.policy, ...payload };
  const isNews = space.owner === undefined || canonicalJson(policy) !== canonicalJson(space.policy);
  return isNews ? accept({ type: "space-configured", data: { policy, owner } }) : accept();
};

const decide = (command: Command, space: SpaceState, context: Context): Decision => {
  switch (command.type) {
    case "assert-facts":
      return addAll(command, space, context);
    case "resolve":
      return resolve(command, space, context);
    case "configure":
      return configure(command, space, context);
    case "start-epoch":
      return command.payload.epoch === space.epoch + 1
        ? accept({ type: "epoch-started", data: command.payload })
        : accept();
    case "settle":
      return settle(command.payload, space, (settled) => add(settled, space, context));
    default:
      return add(command, space, context);
  }
};

/** What agents and people hold for true: facts with their authors, evidence and beliefs, in one space. */
export const knowledge = defineDecider<KnownToSpaces>()({
  name: "knowledge",
  description: "What agents and people hold for true: a space of facts with their authors, evidence and beliefs.",
  id: Name,
  commands: knowledgeCommands,
  events: knowledgeEvents,
  state: SpaceState,
  stateVersion: 1,
  initial: emptySpace,
  decide,
  evolve,
});
