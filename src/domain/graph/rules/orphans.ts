import type { GraphIndex } from "../graph-index.ts";
import { type Problem, warning } from "../problem.ts";

/**
 * `orphan`: a host that nothing runs on, or a node that no edge joins with another, its host aside. The only node of a
 * graph has no other to be joined with, and a public one is joined with the outside.
 */
export const orphans = ({ nodes, types, ends, placements }: GraphIndex): ReadonlyArray<Problem> => {
  const joined = new Set(ends.flatMap(({ type, from, to }) => (type === "runs-on" || from === to ? [] : [from, to])));
  const inhabited = new Set([...placements.values()].flat());
  const alone = [...types.values()].filter((type) => type !== "host").length === 1;
  return [...types].flatMap(([id, type]) => {
    if (joined.has(id)) return [];
    if (type === "host")
      return inhabited.has(id)
        ? []
        : [warning("orphan", { nodes: [id] }, `host \`${id}\`: nothing runs on it: place a node there or remove it`)];
    const node = nodes.get(id);
    if (alone || node === undefined || ("public" in node && node.public === true)) return [];
    return [
      warning("orphan", { nodes: [id] }, `node \`${id}\`: no edge joins it with another node: connect it or remove it`),
    ];
  });
};
