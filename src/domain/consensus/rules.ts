import { Schema } from "effect";
import { Principal } from "../kernel/mod.ts";
import { ShareText, ThresholdText } from "./fraction.ts";

/** How approvals and rejections become a result; each is a counting rule in a file of its own. */
export const Protocol = Schema.Literals(["simple-majority", "qualified-majority", "unanimous", "weighted"]);
export type Protocol = typeof Protocol.Type;

/** What reads the sums of weights where the protocol is `weighted`. */
export const CountedAs = Schema.Literals(["simple-majority", "qualified-majority", "unanimous"]);
export type CountedAs = typeof CountedAs.Type;

/** Seconds, at most ten years, so that every moment computed from them exists. */
export const Seconds = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 * 365 * 24 * 60 * 60 }));
export const PositiveSeconds = Seconds.check(Schema.isGreaterThan(0));

/**
 * A quorum that is reached for the first time within the last `withinSeconds` moves the deadline, once, to
 * `extensionSeconds` after that ballot, where this is later. After OpenZeppelin's GovernorPreventLateQuorum.
 */
export const LateQuorum = Schema.Struct({ withinSeconds: PositiveSeconds, extensionSeconds: PositiveSeconds });
export type LateQuorum = typeof LateQuorum.Type;

/** Those who may stop a proposal at any moment before it is enacted. */
export const VetoHolders = Schema.Array(Principal).check(Schema.isUnique());

/** What the rules of a vote may also say; without it, none of it holds. */
export const furtherRules = {
  /** Conditions are part of the result: an approval is final only when nobody is left who could add one. */
  awaitConditions: Schema.optionalKey(Schema.Boolean),
  countedAs: Schema.optionalKey(CountedAs),
  lateQuorum: Schema.optionalKey(LateQuorum),
  /** Between approval and enactment. */
  enactmentDelaySeconds: Schema.optionalKey(Seconds),
  vetoHolders: Schema.optionalKey(VetoHolders),
  /**
   * Every ballot must be signed with the key that its voter had registered when voting opened, and every veto with the
   * key that its holder had registered when the proposal was submitted.
   */
  signedBallots: Schema.optionalKey(Schema.Boolean),
};

/** By what a vote is held. */
export const Rules = Schema.Struct({
  protocol: Protocol,
  /** Of approvals in approvals and rejections, where the protocol counts by one. */
  threshold: Schema.optionalKey(ThresholdText),
  quorum: ShareText,
  votingSeconds: PositiveSeconds,
  discussionSeconds: Seconds,
  ballotsMayChange: Schema.Boolean,
  ...furtherRules,
});
export type Rules = typeof Rules.Type;

/** The rules by which ballots are counted: all that a result depends on besides electorate and ballots. */
export type CountingRules = Pick<Rules, "protocol" | "threshold" | "countedAs" | "quorum">;

/** How the sums are read: the protocol itself, or what a weighted vote is counted as. */
export const readingOf = ({ protocol, countedAs }: Pick<Rules, "protocol" | "countedAs">): CountedAs =>
  protocol === "weighted" ? (countedAs ?? "simple-majority") : protocol;
