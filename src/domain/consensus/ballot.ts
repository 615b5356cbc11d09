import { Schema } from "effect";
import { GraphChange } from "../graph/contract.ts";
import { Principal } from "../kernel/mod.ts";
import { Weight } from "./electorate.ts";

export const Choice = Schema.Literals(["approve", "reject", "abstain"]);
export type Choice = typeof Choice.Type;

/** What an approval depends on, in words and, where a machine can do it, as changes of the graph. */
export const Condition = Schema.Struct({
  text: Schema.NonEmptyString,
  changes: Schema.optionalKey(Schema.Array(GraphChange)),
});
export type Condition = typeof Condition.Type;

/** A condition and whose approval it came with. */
export const VoterCondition = Schema.Struct({ voter: Principal, ...Condition.fields });
export type VoterCondition = typeof VoterCondition.Type;

/** What a voter says. */
export const Vote = Schema.Struct({
  choice: Choice,
  conditions: Schema.optionalKey(Schema.Array(Condition)),
  reason: Schema.optionalKey(Schema.String),
});
export type Vote = typeof Vote.Type;

/** A vote as counted: whose it is and what it weighs. */
export const Ballot = Schema.Struct({ voter: Principal, weight: Weight, ...Vote.fields });
export type Ballot = typeof Ballot.Type;

/** The ballots that stand once `ballot` is cast: the newest of each voter. */
export const standingBallots = <T extends { readonly voter: string }>(
  ballots: ReadonlyArray<T>,
  ballot: T,
): ReadonlyArray<T> => {
  const replaces = ballots.some(({ voter }) => voter === ballot.voter);
  return [...(replaces ? ballots.filter(({ voter }) => voter !== ballot.voter) : ballots), ballot];
};
