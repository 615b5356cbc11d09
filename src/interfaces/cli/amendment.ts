import type { VoterCondition } from "../../domain/consensus/ballot.ts";
import { changeText } from "../../domain/graph/change-text.ts";

/** What conditions of a vote changed in a graph, in words: a line for each condition with the changes below it. */
export const amendmentLines = (conditions: ReadonlyArray<VoterCondition>): ReadonlyArray<string> =>
  conditions.flatMap(({ voter, text, changes = [] }) =>
    changes.length === 0 ? [] : [`${voter}: ${text}`, ...changes.map((change) => `  ${changeText(change)}`)],
  );
