import type { VoterCondition } from "../../domain/consensus/ballot.ts";
import { changeText } from "../../domain/graph/change-text.ts";
import { type Branch, treeLines } from "./text.ts";

/** A vote with the conditions of its rounds. Those that change the graph end a round, so that the next one is on it. */
interface Voted {
  readonly conditions?: ReadonlyArray<VoterCondition>;
  readonly rounds?: ReadonlyArray<{ readonly conditions: ReadonlyArray<VoterCondition> }>;
}

/** The conditions of every round of a vote, in their order. */
export const conditionsOf = ({ conditions = [], rounds = [] }: Voted): ReadonlyArray<VoterCondition> => [
  ...rounds.flatMap((round) => round.conditions),
  ...conditions,
];

/** What conditions of a vote changed in a graph, in words: each condition with its changes below it. */
export const amendmentBranches = (conditions: ReadonlyArray<VoterCondition>): ReadonlyArray<Branch> =>
  conditions.flatMap(({ voter, text, changes = [] }) =>
    changes.length === 0
      ? []
      : [{ text: `${voter}: ${text}`, below: changes.map((change) => ({ text: changeText(change) })) }],
  );

/** The same as lines. */
export const amendmentLines = (conditions: ReadonlyArray<VoterCondition>): ReadonlyArray<string> =>
  treeLines(amendmentBranches(conditions));
