import { error, type Problem } from "../problem.ts";
import type { Survey } from "../survey.ts";

/** Texts that come more than once, each with its number. */
const repeated = (texts: ReadonlyArray<string>): ReadonlyArray<readonly [string, number]> => {
  if (new Set(texts).size === texts.length) return [];
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1);
};

/** `duplicate-id`: several nodes with one id, or several edges with one identity. Reported once for each id. */
export const duplicateIds = ({ ids, ends }: Survey): ReadonlyArray<Problem> => [
  ...repeated(ids).map(([id, count]) =>
    error("duplicate-id", { nodes: [id] }, `node \`${id}\`: ${count} nodes have this id: rename or remove the others`),
  ),
  ...repeated(ends.map(({ identity }) => identity)).map(([identity, count]) =>
    error(
      "duplicate-id",
      { edges: [identity] },
      `edge \`${identity}\`: ${count} edges have this identity: remove the others or give them ids of their own`,
    ),
  ),
];
