import { Result, Schema, Struct } from "effect";
import { defined, List, PositiveSeconds, Principal, type Rejection, refuse, Seconds } from "../kernel/mod.ts";
import { type Share, ShareText, shareText, ThresholdText } from "./fraction.ts";
import { CountedAs, countedAsOf, defaultThresholdOf, Protocol } from "./protocols.ts";
import { LateQuorum } from "./quorum.ts";

/** Optional rules of a vote. A rule that is absent does not apply. */
export const furtherRules = {
  /** Conditions are part of the result, so an approval is final only when no remaining voter could add one. */
  awaitConditions: Schema.optionalKey(Schema.Boolean),
  countedAs: Schema.optionalKey(CountedAs),
  lateQuorum: Schema.optionalKey(LateQuorum),
  /** The time between approval and enactment. */
  enactmentDelaySeconds: Schema.optionalKey(Seconds),
  /** The principals that may stop the proposal at any moment before enactment. */
  vetoHolders: Schema.optionalKey(Schema.Array(Principal).check(Schema.isUnique())),
  /**
   * Every ballot must be signed with the key that its voter had registered when voting opened. Every veto must be
   * signed with the key that its holder had registered when the proposal was submitted.
   */
  signedBallots: Schema.optionalKey(Schema.Boolean),
};

/** The same fields within the bounds of a command. */
export const givenRules = {
  ...furtherRules,
  vetoHolders: Schema.optionalKey(List(Principal).check(Schema.isUnique())),
};

/**
 * Rules of a vote on a revision of a graph. Only such a vote has rounds and reviews, so they apply to no other. The
 * default of an absent rule is the safe choice.
 */
export const revisionRules = {
  /** The most rounds that conditions may lead to, 3 by default. The last round must approve without a change. */
  maxRounds: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 }))),
  /** The reviewers whose reviews of the revision an approval needs; by default none. */
  requiredReviews: Schema.optionalKey(Schema.Array(Principal).check(Schema.isUnique())),
  /** Whether a standing blocking finding is a veto; true by default. */
  blockingVetoes: Schema.optionalKey(Schema.Boolean),
  /** Whether authors of the subject have no vote; true by default. */
  fourEyes: Schema.optionalKey(Schema.Boolean),
};

/** The same fields within the bounds of a command. */
export const givenRevisionRules = {
  ...revisionRules,
  requiredReviews: Schema.optionalKey(List(Principal).check(Schema.isUnique())),
};

/** The rules of a vote. */
export const Rules = Schema.Struct({
  protocol: Protocol,
  /** The required share of approvals among approvals and rejections, if the protocol has a threshold. */
  threshold: Schema.optionalKey(ThresholdText),
  quorum: ShareText,
  votingSeconds: PositiveSeconds,
  discussionSeconds: Seconds,
  ballotsMayChange: Schema.Boolean,
  ...furtherRules,
  ...revisionRules,
});
export type Rules = typeof Rules.Type;

/**
 * The rules that decide how ballots are counted. Besides them, a result depends only on the electorate and the ballots.
 */
export type CountingRules = Pick<Rules, "protocol" | "threshold" | "countedAs" | "quorum">;

/** Rules as people write them: shares in any form, and possibly rules that do not apply to the protocol. */
export interface WrittenRules extends Omit<Rules, "quorum" | "threshold"> {
  readonly quorum: Share;
  readonly threshold?: Share;
}

const misfit = (written: WrittenRules): string | undefined => {
  const { protocol, countedAs, threshold } = written;
  if (countedAs !== undefined && protocol !== "weighted")
    return `countedAs applies only to weighted votes, and this vote is ${protocol}: leave it out`;
  if (threshold !== undefined && defaultThresholdOf(written) === undefined)
    return `the protocol ${countedAsOf(written)} has no threshold: leave it out, or choose one that has`;
  return undefined;
};

/** Returns complete rules, with shares as text in lowest terms; or why the written rules do not fit together. */
export const rulesFrom = (written: WrittenRules, whose: string): Result.Result<Rules, Rejection> => {
  const problem = misfit(written);
  if (problem !== undefined) return refuse("rules-do-not-fit", `${whose}: ${problem}`);
  const { quorum, threshold = defaultThresholdOf(written), ...rest } = written;
  return Result.succeed(
    defined({
      ...rest,
      countedAs: rest.protocol === "weighted" ? countedAsOf(rest) : undefined,
      quorum: shareText(quorum),
      threshold: threshold === undefined ? undefined : shareText(threshold),
    }),
  );
};

/** Returns the policy's rules, without those that do not apply to the protocol that the proposal chose. */
export const underProtocol = (rules: Rules, protocol: Protocol, countedAs: CountedAs | undefined): Rules => {
  if (protocol === rules.protocol && (countedAs === undefined || countedAs === rules.countedAs)) return rules;
  const counted = protocol === "weighted" ? (countedAs ?? rules.countedAs) : undefined;
  const next = { ...Struct.omit(rules, ["threshold", "countedAs"]), protocol, ...defined({ countedAs: counted }) };
  return defaultThresholdOf(next) === undefined ? next : { ...next, ...defined({ threshold: rules.threshold }) };
};
