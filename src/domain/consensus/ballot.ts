import { Schema } from "effect";
import { PublicKey } from "../agent/contract.ts";
import { allowing, GraphChange } from "../graph/contract.ts";
import { bounds, defined, List, NonEmptyText, Principal, Provenance, Text } from "../kernel/mod.ts";
import { type Electorate, Weight } from "./electorate.ts";

export const Choice = Schema.Literals(["approve", "reject", "abstain"]);
export type Choice = typeof Choice.Type;

/** A condition of an approval: its text, and the graph changes if a machine can make them. */
export const Condition = Schema.Struct({
  text: Schema.NonEmptyString,
  changes: Schema.optionalKey(Schema.Array(GraphChange)),
});
export type Condition = typeof Condition.Type;

const allowed = { allowSecretLike: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)) };

/**
 * A condition with the voter whose approval has it. The voter allows the listed fields of its changes to look like
 * secrets.
 */
export const VoterCondition = Schema.Struct({ voter: Principal, ...Condition.fields, ...allowed });
export type VoterCondition = typeof VoterCondition.Type;

const besides = {
  provenance: Schema.optionalKey(Provenance),
  /** The round that the ballot is for. Any other round refuses it. */
  round: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** The approval also covers the graph with the remedies that reviewers had offered before the ballot. */
  acceptsRemedies: Schema.optionalKey(Schema.Boolean),
};

/** The content of a ballot. */
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

/** A vote with its voter and its weight, ready to be counted. `signedBy` is the key, if the ballot was signed. */
export const Ballot = Schema.Struct({
  voter: Principal,
  weight: Weight,
  ...Vote.fields,
  signedBy: Schema.optionalKey(PublicKey),
});
export type Ballot = typeof Ballot.Type;

/** Returns whether a condition changes the graph. A condition in words only binds people, not programs. */
export const changesGraph = ({ changes = [] }: Condition): boolean => changes.length > 0;

/** Returns the ballots that count after `ballot` is cast: the newest of each voter, in the order of casting. */
export const standingBallots = <T extends { readonly voter: string }>(
  ballots: ReadonlyArray<T>,
  ballot: T,
): ReadonlyArray<T> => {
  const replaces = ballots.some(({ voter }) => voter === ballot.voter);
  return [...(replaces ? ballots.filter(({ voter }) => voter !== ballot.voter) : ballots), ballot];
};

/**
 * Returns the conditions of the counted approvals in the electorate's order, so that the order of ballots does not
 * matter. A ballot of weight 0 adds no condition.
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
