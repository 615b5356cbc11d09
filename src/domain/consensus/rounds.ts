import { Schema, Struct } from "effect";
import { GraphChange } from "../graph/contract.ts";
import { canonicalJson, defined, Principal } from "../kernel/mod.ts";
import { type Ballot, changesGraph, type VoterCondition } from "./ballot.ts";
import { RejectionCause } from "./count.ts";
import type { Electorate } from "./electorate.ts";
import type { Rules } from "./rules.ts";

/** The rounds of a vote if its policy does not say. */
const defaultMaxRounds = 3;

/** Why a vote rejected: by its ballots, or because its last round ended with a condition that changes the graph. */
export const RejectionReason = Schema.Literals([...RejectionCause.literals, "rounds-exhausted"]);
export type RejectionReason = typeof RejectionReason.Type;

/** What a vote is about, with its digests. */
export const Subject = Schema.Record(Schema.String, Schema.Json);
export type Subject = typeof Subject.Type;

/** From 1. */
export const RoundNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** The graph changes that would mend a finding. */
const Remedy = Schema.Array(GraphChange);
type Remedy = typeof Remedy.Type;

/** A finding that blocks. If it is `mendable`, its reviewer has offered a remedy. */
export const BlockingFinding = Schema.Struct({ rule: Schema.String, message: Schema.String, mendable: Schema.Boolean });

/** A review of the revision that a round is about, as far as the vote depends on it. */
export const NotedReview = Schema.Struct({
  reviewer: Principal,
  blocking: Schema.Array(BlockingFinding),
  remedies: Schema.Array(Remedy),
});
export type NotedReview = typeof NotedReview.Type;

/** A principal that has no vote although it could have one, and why. */
export const Excluded = Schema.Struct({ id: Principal, reason: Schema.NonEmptyString });
export type Excluded = typeof Excluded.Type;

/** A finding that stands, and whose it is. */
export const StandingFinding = Schema.Struct({ reviewer: Principal, ...BlockingFinding.fields });
export type StandingFinding = typeof StandingFinding.Type;

/** Who deploys a revision past blocking findings by break-glass, and why. */
export const BrokenGlass = Schema.Struct({ by: Principal, reason: Schema.String });
export type BrokenGlass = typeof BrokenGlass.Type;

/**
 * A vote on a revision of a graph, as far as it differs from other votes. A condition that changes the graph makes a
 * new revision, which nobody has voted on. Without rounds one voter's change would run although all others approved
 * something else. So the vote goes on with the new revision, in the next round, and earlier ballots are history.
 */
export const Rounds = Schema.Struct({
  round: RoundNumber,
  /** What this round is about. */
  subject: Subject,
  /** The newest review of each reviewer in this round. */
  reviews: Schema.Array(NotedReview),
  /** Every remedy that was offered in this round, in the order of the offers. */
  offered: Schema.Array(Remedy),
  /** The voters that accept offered remedies, and how many there were when they voted. */
  accepting: Schema.Array(Schema.Struct({ voter: Principal, offered: Schema.Int })),
  /** Those who have no vote in this round. */
  excluded: Schema.Array(Excluded),
  /** Present if somebody broke the glass for this very revision: its blocking findings are no veto. */
  glass: Schema.optionalKey(BrokenGlass),
});
export type Rounds = typeof Rounds.Type;

/** The first round of a vote. */
export const firstRound = (
  subject: Subject,
  reviews: ReadonlyArray<NotedReview>,
  excluded: ReadonlyArray<Excluded>,
  glass?: BrokenGlass,
): Rounds => {
  const empty: Rounds = { round: 1, subject, reviews: [], offered: [], accepting: [], excluded, ...defined({ glass }) };
  return reviews.reduce(withReview, empty);
};

/** The next round. What was found in the same revision still stands, and a glass was broken for that one alone. */
export const nextRound = (before: Rounds, subject: Subject, excluded: ReadonlyArray<Excluded>): Rounds => {
  const next = { ...before, round: before.round + 1, subject, excluded: [...before.excluded, ...excluded] };
  return isSameRevision(before.subject, subject)
    ? next
    : { ...Struct.omit(next, ["glass"]), reviews: [], offered: [], accepting: [] };
};

/** Whether two subjects are one revision. */
export const isSameRevision = (one: Subject, other: Subject): boolean =>
  canonicalJson([one.graphDigest ?? null, one.flakeDigest ?? null]) ===
  canonicalJson([other.graphDigest ?? null, other.flakeDigest ?? null]);

/**
 * The rounds with a review. An older one of the same reviewer is forgotten, but not the remedies that it offered. What an
 * author offers is not a remedy: it would let an author change the graph again without being one.
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

/** Whether a vote depends on a review: it is required, or has findings that block or can be mended. */
export const isOfConsequence = (
  requiredReviews: ReadonlyArray<string>,
  { reviewer, blocking, remedies }: NotedReview,
): boolean => blocking.length > 0 || remedies.length > 0 || requiredReviews.includes(reviewer);

/** The rounds after a ballot. */
export const withAcceptance = (rounds: Rounds, { voter, acceptsRemedies }: Ballot): Rounds => {
  const others = rounds.accepting.filter((one) => one.voter !== voter);
  const accepting = acceptsRemedies === true ? [...others, { voter, offered: rounds.offered.length }] : others;
  return { ...rounds, accepting };
};

/** How many rounds the rules allow. */
export const roundsOf = ({ maxRounds = defaultMaxRounds }: Pick<Rules, "maxRounds">): number => maxRounds;

/** Whether the round is the last one that the rules allow. */
export const isLastRound = (rules: Rules, { round }: Rounds): boolean => round >= roundsOf(rules);

/** The blocking findings of this revision that are a veto under the rules, unless somebody broke the glass for it. */
export const standingFindings = (
  { blockingVetoes = true }: Pick<Rules, "blockingVetoes">,
  { reviews, glass }: Pick<Rounds, "reviews" | "glass">,
): ReadonlyArray<StandingFinding> =>
  blockingVetoes && glass === undefined
    ? reviews.flatMap(({ reviewer, blocking }) => blocking.map((one) => ({ reviewer, ...one })))
    : [];

/** The reviewers whose review of this revision is required and missing. A review by an author is not one. */
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
 * The voters whose conditions change the graph in a way that no reviewer had offered: they are authors of what comes
 * of it.
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

/** Returns the ballots of these voters, without the conditions that were made: they hold now. */
export const carriedOver = <B extends Ballot>(
  ballots: ReadonlyArray<B>,
  voters: ReadonlyArray<string>,
): ReadonlyArray<B> => {
  const carried = new Set(voters);
  return ballots.filter(({ voter }) => carried.has(voter)).map(withoutChanges);
};

/**
 * The voters whose ballots stand in the next round too. If the conditions change nothing, it is about the same revision, and
 * every ballot stands. Otherwise those approvals do that accepted every remedy which was made, and saw it when they
 * were cast.
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

/** The electorate without those who are excluded. */
export const remaining = (electorate: Electorate, excluded: ReadonlyArray<Excluded>): Electorate => {
  const gone = new Set(excluded.map(({ id }) => id));
  return gone.size === 0 ? electorate : electorate.filter(({ id }) => !gone.has(id));
};

/** Why a principal has no vote in this round; undefined if it was not excluded. */
export const excludedFrom = (rounds: Rounds | undefined, id: string): Excluded | undefined =>
  rounds?.excluded.find((one) => one.id === id);
