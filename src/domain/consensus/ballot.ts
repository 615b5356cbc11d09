import { Schema } from "effect";
import { PublicKey } from "../agent/contract.ts";
import { allowing, GraphChange } from "../graph/contract.ts";
import { bounds, defined, List, NonEmptyText, Principal, Provenance, Text } from "../kernel/mod.ts";
import { type Electorate, Weight } from "./electorate.ts";

export const Choice = Schema.Literals(["approve", "reject", "abstain"]);
export type Choice = typeof Choice.Type;

/** What an approval depends on: in words, and as changes of the graph if a machine can make them. */
export const Condition = Schema.Struct({
  text: Schema.NonEmptyString,
  changes: Schema.optionalKey(Schema.Array(GraphChange)),
});
export type Condition = typeof Condition.Type;

const allowed = { allowSecretLike: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)) };

/** A condition, and the voter whose approval has it, who allows these fields of its changes to look like secrets. */
export const VoterCondition = Schema.Struct({ voter: Principal, ...Condition.fields, ...allowed });
export type VoterCondition = typeof VoterCondition.Type;

const besides = {
  provenance: Schema.optionalKey(Provenance),
  /** The round that the ballot is for. It is refused in any other one. */
  round: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** The approval also stands for the graph with those remedies that reviewers had offered when it was cast. */
  acceptsRemedies: Schema.optionalKey(Schema.Boolean),
};

/** What a voter says. */
export const Vote = Schema.Struct({
  choice: Choice,
  conditions: Schema.optionalKey(Schema.Array(Condition)),
  reason: Schema.optionalKey(Schema.String),
  ...allowed,
  ...besides,
});
export type Vote = typeof Vote.Type;

/** A vote within the bounds of a command. */
export const GivenVote = Schema.Struct({
  choice: Choice,
  conditions: Schema.optionalKey(
    List(
      Schema.Struct({ text: NonEmptyText(bounds.text), changes: Schema.optionalKey(List(GraphChange, bounds.many)) }),
      bounds.many,
    ),
  ),
  reason: Schema.optionalKey(Text(bounds.text)),
  ...allowing,
  ...besides,
});

/** A vote with its voter and its weight, as it is counted; `signedBy` is the key, if it was signed. */
export const Ballot = Schema.Struct({
  voter: Principal,
  weight: Weight,
  ...Vote.fields,
  signedBy: Schema.optionalKey(PublicKey),
});
export type Ballot = typeof Ballot.Type;

/** Whether a condition changes the graph. One in words alone binds people, and no program. */
export const changesGraph = ({ changes = [] }: Condition): boolean => changes.length > 0;

/** Returns the ballots that stand once `ballot` is cast: the newest of each voter, in the order they were cast. */
export const standingBallots = <T extends { readonly voter: string }>(
  ballots: ReadonlyArray<T>,
  ballot: T,
): ReadonlyArray<T> => {
  const replaces = ballots.some(({ voter }) => voter === ballot.voter);
  return [...(replaces ? ballots.filter(({ voter }) => voter !== ballot.voter) : ballots), ballot];
};

/**
 * Returns the conditions of the standing approvals, in the electorate's order, so that they do not depend on the order
 * of ballots. A ballot of weight 0 imposes nothing.
 */
export const conditionsOf = (
  electorate: Electorate,
  ballots: ReadonlyArray<Pick<Ballot, "voter" | "conditions" | "allowSecretLike">>,
): ReadonlyArray<VoterCondition> => {
  const byVoter = new Map(ballots.map((ballot) => [ballot.voter, ballot]));
  return electorate
    .filter(({ weight }) => weight > 0)
    .flatMap(({ id }) => {
      const { conditions = [], allowSecretLike } = byVoter.get(id) ?? {};
      return conditions.map((condition) =>
        defined({
          voter: id,
          ...condition,
          allowSecretLike: changesGraph(condition) ? allowSecretLike : undefined,
        }),
      );
    });
};
