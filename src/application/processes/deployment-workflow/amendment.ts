import { Result } from "effect";
import { changesGraph, type VoterCondition } from "../../../domain/consensus/ballot.ts";
import { applyChanges } from "../../../domain/graph/changes.ts";
import type { GraphChange } from "../../../domain/graph/contract.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";

/** The effect of a round's conditions on a graph: one step for each voter, and the graph after the last step. */
export interface AmendedGraph {
  readonly steps: ReadonlyArray<{
    readonly voter: string;
    readonly document: GraphDocument;
    /** The fields that look like secrets and that the voter declared harmless. */
    readonly allowSecretLike: ReadonlyArray<string>;
  }>;
  readonly changes: ReadonlyArray<GraphChange>;
  readonly document: GraphDocument;
}

/**
 * Returns the graph with the changes of all conditions, in the order of the electorate. Fails with the condition that
 * does not fit, and why.
 */
export const amendmentOf = (
  document: GraphDocument,
  conditions: ReadonlyArray<VoterCondition>,
): Result.Result<AmendedGraph, string> => {
  const byVoter = Map.groupBy(conditions.filter(changesGraph), ({ voter }) => voter);
  const steps: Array<AmendedGraph["steps"][number]> = [];
  const changes: Array<GraphChange> = [];
  let current = document;
  for (const [voter, wanted] of byVoter) {
    for (const { text, changes: own = [], allowSecretLike } of wanted) {
      const amended = applyChanges(current, own, allowSecretLike);
      if (Result.isFailure(amended))
        return Result.fail(`the condition of ${voter} (${text}) does not fit: ${amended.failure.message}`);
      current = amended.success;
      changes.push(...own);
    }
    const allowed = new Set(wanted.flatMap(({ allowSecretLike = [] }) => allowSecretLike));
    steps.push({ voter, document: current, allowSecretLike: [...allowed] });
  }
  return Result.succeed({ steps, changes, document: current });
};
