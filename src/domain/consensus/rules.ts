import { Result, Schema, Struct } from "effect";
import { defined, List, PositiveSeconds, Principal, type Rejection, refuse, Seconds } from "../kernel/mod.ts";
import { type Share, ShareText, shareText, ThresholdText } from "./fraction.ts";
import { CountedAs, countedAsOf, defaultThresholdOf, Protocol } from "./protocols.ts";
import { LateQuorum } from "./quorum.ts";

/** Rules that a vote may have. Without one of them, that rule does not hold. */
export const furtherRules = {
  /** Conditions are part of the result: an approval is final only when nobody is left who could add one. */
  awaitConditions: Schema.optionalKey(Schema.Boolean),
  countedAs: Schema.optionalKey(CountedAs),
  lateQuorum: Schema.optionalKey(LateQuorum),
  /** Between approval and enactment. */
  enactmentDelaySeconds: Schema.optionalKey(Seconds),
  /** Those who may stop the proposal at any moment before it is enacted. */
  vetoHolders: Schema.optionalKey(Schema.Array(Principal).check(Schema.isUnique())),
  /**
   * Every ballot must be signed with the key that its voter had registered when voting opened, and every veto with the
   * key that its holder had registered when the proposal was submitted.
   */
  signedBallots: Schema.optionalKey(Schema.Boolean),
};

/** The same within the bounds of a command. */
export const givenRules = {
  ...furtherRules,
  vetoHolders: Schema.optionalKey(List(Principal).check(Schema.isUnique())),
};

/**
 * Rules of a vote on a revision of a graph. Such a vote has rounds and reviews, so that these rules hold for no other.
 * A policy that leaves one out has the default, which is the safe side.
 */
export const revisionRules = {
  /** The rounds that conditions may lead to, at most; 3 by default. The last one must approve without a change. */
  maxRounds: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 }))),
  /** The reviewers without whose review of the revision there is no approval; by default none. */
  requiredReviews: Schema.optionalKey(Schema.Array(Principal).check(Schema.isUnique())),
  /** Whether a standing blocking finding of a reviewer is a veto; true by default. */
  blockingVetoes: Schema.optionalKey(Schema.Boolean),
  /** Whether those who wrote what is voted on have no vote; true by default. */
  fourEyes: Schema.optionalKey(Schema.Boolean),
};

/** The same within the bounds of a command. */
export const givenRevisionRules = {
  ...revisionRules,
  requiredReviews: Schema.optionalKey(List(Principal).check(Schema.isUnique())),
};

/** The rules that a vote is held by. */
export const Rules = Schema.Struct({
  protocol: Protocol,
  /** The share of approvals in approvals and rejections, if the protocol counts by one. */
  threshold: Schema.optionalKey(ThresholdText),
  quorum: ShareText,
  votingSeconds: PositiveSeconds,
  discussionSeconds: Seconds,
  ballotsMayChange: Schema.Boolean,
  ...furtherRules,
  ...revisionRules,
});
export type Rules = typeof Rules.Type;

/** The rules by which ballots are counted: all that a result depends on besides electorate and ballots. */
export type CountingRules = Pick<Rules, "protocol" | "threshold" | "countedAs" | "quorum">;

/** Rules as people write them: shares in any form, and perhaps rules that do not apply to the protocol. */
export interface WrittenRules extends Omit<Rules, "quorum" | "threshold"> {
  readonly quorum: Share;
  readonly threshold?: Share;
}

const misfit = (written: WrittenRules): string | undefined => {
  const { protocol, countedAs, threshold } = written;
  if (countedAs !== undefined && protocol !== "weighted")
    return `countedAs says how a weighted vote is counted, and this one is ${protocol}: leave it out`;
  if (threshold !== undefined && defaultThresholdOf(written) === undefined)
    return `the protocol ${countedAsOf(written)} has no threshold: leave it out, or choose one that has`;
  return undefined;
};

/** Returns complete rules, with shares as text in lowest terms, or why the written ones do not fit together. */
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
