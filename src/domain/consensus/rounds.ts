import { Schema, Struct } from "effect";
import { GraphChange } from "../graph/contract.ts";
import { canonicalJson, defined, Principal } from "../kernel/mod.ts";
import { type Ballot, changesGraph, type VoterCondition } from "./ballot.ts";
import { RejectionCause } from "./count.ts";
import type { Electorate } from "./electorate.ts";
import type { Rules } from "./rules.ts";

/** The number of rounds if the policy does not set it. */
const defaultMaxRounds = 3;

/**
 * Why a vote rejected: because of its ballots, or because its last round ended with a condition that changes the graph.
 */
export const RejectionReason = Schema.Literals([...RejectionCause.literals, "rounds-exhausted"]);
export type RejectionReason = typeof RejectionReason.Type;

/** The subject of a vote, with its digests. */
export const Subject = Schema.Record(Schema.String, Schema.Json);
export type Subject = typeof Subject.Type;

/** From 1. */
export const RoundNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** The graph changes that would fix a finding. */
const Remedy = Schema.Array(GraphChange);
type Remedy = typeof Remedy.Type;

/** A blocking finding. If it is `mendable`, its reviewer has offered a remedy. */
export const BlockingFinding = Schema.Struct({ rule: Schema.String, message: Schema.String, mendable: Schema.Boolean });

/** A review of a round's revision, reduced to what affects the vote. */
export const NotedReview = Schema.Struct({
  reviewer: Principal,
  blocking: Schema.Array(BlockingFinding),
  remedies: Schema.Array(Remedy),
});
export type NotedReview = typeof NotedReview.Type;

/** A principal that has no vote although it could have one, with the reason. */
export const Excluded = Schema.Struct({ id: Principal, reason: Schema.NonEmptyString });
export type Excluded = typeof Excluded.Type;

/** A finding that stands, with its reviewer. */
export const StandingFinding = Schema.Struct({ reviewer: Principal, ...BlockingFinding.fields });
export type StandingFinding = typeof StandingFinding.Type;

/** Who broke the glass to deploy a revision past blocking findings, and why. */
export const BrokenGlass = Schema.Struct({ by: Principal, reason: Schema.String });
export type BrokenGlass = typeof BrokenGlass.Type;

/**
 * The state of a vote on a revision of a graph that other votes do not have.
 *
 * A condition that changes the graph creates a new revision, on which nobody has voted. Without rounds, one voter's
 * change would go live although all others had approved something else. So the vote continues with the new revision in
 * the next round. Ballots of earlier rounds become history, unless they are carried over.
 */
export const Rounds = Schema.Struct({
  round: RoundNumber,
  /** The subject of this round. */
  subject: Subject,
  /** The newest review of each reviewer in this round. */
  reviews: Schema.Array(NotedReview),
  /** Every remedy offered in this round, in the order of the offers. */
  offered: Schema.Array(Remedy),
  /** The voters that accept offered remedies, and the number of remedies at the time of their ballots. */
  accepting: Schema.Array(Schema.Struct({ voter: Principal, offered: Schema.Int })),
  /** The principals without a vote in this round. */
  excluded: Schema.Array(Excluded),
  /** Present if the glass was broken for exactly this revision. Its blocking findings are then not a veto. */
  glass: Schema.optionalKey(BrokenGlass),
});
export type Rounds = typeof Rounds.Type;

/** Returns the first round of a vote. */
export const firstRound = (
  subject: Subject,
  reviews: ReadonlyArray<NotedReview>,
  excluded: ReadonlyArray<Excluded>,
  glass?: BrokenGlass,
): Rounds => {
  const empty: Rounds = { round: 1, subject, reviews: [], offered: [], accepting: [], excluded, ...defined({ glass }) };
  return reviews.reduce(withReview, empty);
};

/**
 * Returns the next round. If the revision is the same, its findings and its broken glass still apply; otherwise they do
 * not.
 */
export const nextRound = (before: Rounds, subject: Subject, excluded: ReadonlyArray<Excluded>): Rounds => {
  const next = { ...before, round: before.round + 1, subject, excluded: [...before.excluded, ...excluded] };
  return isSameRevision(before.subject, subject)
    ? next
    : { ...Struct.omit(next, ["glass"]), reviews: [], offered: [], accepting: [] };
};

/** Returns whether two subjects are the same revision. */
export const isSameRevision = (one: Subject, other: Subject): boolean =>
  canonicalJson([one.graphDigest ?? null, one.flakeDigest ?? null]) ===
  canonicalJson([other.graphDigest ?? null, other.flakeDigest ?? null]);

/**
 * Returns the rounds with a review added. It replaces an older review of the same reviewer, whose offered remedies
 * stay. Remedies of an author are ignored. Otherwise an author could change the graph again without counting as its
 * author.
 */
export const withReview = (rounds: Rounds, review: NotedReview): Rounds => {
  const { reviewer, remedies } = review;
  const isAuthor = excludedFrom(rounds, reviewer) !== undefined;
  return {
    ...rounds,
    reviews: [...rounds.reviews.filter((one) => one.reviewer !== reviewer), review],
    offered: isAuthor ? rounds.offered : [...rounds.offered, ...remedies],
  };
};

/** Returns whether a vote depends on a review: it is required, has blocking findings, or has remedies. */
export const isOfConsequence = (
  requiredReviews: ReadonlyArray<string>,
  { reviewer, blocking, remedies }: NotedReview,
): boolean => blocking.length > 0 || remedies.length > 0 || requiredReviews.includes(reviewer);

/** Returns the rounds after a ballot. */
export const withAcceptance = (rounds: Rounds, { voter, acceptsRemedies }: Ballot): Rounds => {
  const others = rounds.accepting.filter((one) => one.voter !== voter);
  const accepting = acceptsRemedies === true ? [...others, { voter, offered: rounds.offered.length }] : others;
  return { ...rounds, accepting };
};

/** Returns the number of rounds that the rules allow. */
export const roundsOf = ({ maxRounds = defaultMaxRounds }: Pick<Rules, "maxRounds">): number => maxRounds;

/** Returns whether the round is the last that the rules allow. */
export const isLastRound = (rules: Rules, { round }: Rounds): boolean => round >= roundsOf(rules);

/**
 * Returns the blocking findings of this revision that are a veto under the rules. If the glass was broken for it, there
 * are none.
 */
export const standingFindings = (
  { blockingVetoes = true }: Pick<Rules, "blockingVetoes">,
  { reviews, glass }: Pick<Rounds, "reviews" | "glass">,
): ReadonlyArray<StandingFinding> =>
  blockingVetoes && glass === undefined
    ? reviews.flatMap(({ reviewer, blocking }) => blocking.map((one) => ({ reviewer, ...one })))
    : [];

/** Returns the reviewers whose required review of this revision is missing. A review by an author does not count. */
export const missingReviews = (
  { requiredReviews = [], fourEyes = true }: Pick<Rules, "requiredReviews" | "fourEyes">,
  { reviews, excluded }: Pick<Rounds, "reviews" | "excluded">,
): ReadonlyArray<string> =>
  requiredReviews.filter(
    (required) =>
      reviews.every(({ reviewer }) => reviewer !== required) ||
      (fourEyes && excluded.some(({ id }) => id === required)),
  );

const keyOf = (changes: Remedy): string => canonicalJson(changes);

const keysOf = (remedies: ReadonlyArray<Remedy>): ReadonlySet<string> => new Set(remedies.map(keyOf));

/**
 * Returns the voters whose conditions change the graph in a way that no reviewer had offered. They are authors of the
 * new revision.
 */
export const authorsIn = (
  { offered }: Pick<Rounds, "offered">,
  conditions: ReadonlyArray<VoterCondition>,
): ReadonlyArray<string> => {
  const known = keysOf(offered);
  const own = conditions.filter((condition) => changesGraph(condition) && !known.has(keyOf(condition.changes ?? [])));
  return [...new Set(own.map(({ voter }) => voter))];
};

const withoutChanges = <B extends Ballot>(ballot: B): B => {
  const conditions = ballot.conditions?.filter((condition) => !changesGraph(condition)) ?? [];
  const { conditions: _, ...vote } = ballot;
  return (conditions.length === 0 ? vote : { ...vote, conditions }) as B;
};

/** Returns the ballots of these voters without the fulfilled conditions. */
export const carriedOver = <B extends Ballot>(
  ballots: ReadonlyArray<B>,
  voters: ReadonlyArray<string>,
): ReadonlyArray<B> => {
  const carried = new Set(voters);
  return ballots.filter(({ voter }) => carried.has(voter)).map(withoutChanges);
};

/**
 * Returns the voters whose ballots count in the next round too. If the conditions change nothing, the revision is the
 * same, and every ballot counts. Otherwise an approval counts if it accepted every applied remedy and was cast after
 * these were offered.
 */
export const carriedVoters = (
  rounds: Rounds,
  ballots: ReadonlyArray<Ballot>,
  conditions: ReadonlyArray<VoterCondition>,
  subject: Subject,
): ReadonlyArray<string> => {
  if (isSameRevision(rounds.subject, subject)) return ballots.map(({ voter }) => voter);
  const made = conditions.filter(changesGraph).map(({ changes = [] }) => keyOf(changes));
  const seen = new Map(rounds.accepting.map(({ voter, offered }) => [voter, offered]));
  return ballots
    .filter(({ voter, choice }) => {
      const known = keysOf(rounds.offered.slice(0, seen.get(voter) ?? 0));
      return choice === "approve" && seen.has(voter) && made.every((one) => known.has(one));
    })
    .map(({ voter }) => voter);
};

/** Returns the electorate without the excluded principals. */
export const remaining = (electorate: Electorate, excluded: ReadonlyArray<Excluded>): Electorate => {
  const gone = new Set(excluded.map(({ id }) => id));
  return gone.size === 0 ? electorate : electorate.filter(({ id }) => !gone.has(id));
};

/** Returns why a principal has no vote in this round; undefined if it was not excluded. */
export const excludedFrom = (rounds: Rounds | undefined, id: string): Excluded | undefined =>
  rounds?.excluded.find((one) => one.id === id);
