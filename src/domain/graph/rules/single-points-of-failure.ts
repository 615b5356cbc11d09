import type { GraphIndex } from "../graph-index.ts";
import { named, type Problem, warning } from "../problem.ts";

/**
 * `single-point-of-failure`: a node that runs once, without a standby, and that two or more running instances of other
 * nodes require by `depends-on` (a node on three hosts is three instances). Its failure stops them all.
 */
export const singlePointsOfFailure = ({ types, edges, placements }: GraphIndex): ReadonlyArray<Problem> => {
  const dependents = new Map<string, Set<string>>();
  const standbys = new Set<string>();
  for (const edge of edges) {
    if (edge.type === "replicates" && edge.from !== edge.to) standbys.add(edge.to);
    if (edge.type !== "depends-on" || edge.required === false || edge.from === edge.to || !types.has(edge.from))
      continue;
    const known = dependents.get(edge.to) ?? new Set();
    dependents.set(edge.to, known.add(edge.from));
  }
  const instances = (id: string) => Math.max(1, placements.get(id)?.length ?? 0);
  return [...dependents].flatMap(([id, needing]) => {
    const type = types.get(id);
    if (type === undefined || type === "host" || instances(id) > 1 || standbys.has(id)) return [];
    const total = [...needing].reduce((sum, dependent) => sum + instances(dependent), 0);
    if (total < 2) return [];
    const names = [...needing].sort();
    const host = placements.get(id)?.[0];
    return [
      warning(
        "single-point-of-failure",
        { nodes: [id, ...names] },
        `node \`${id}\`: it runs once${host === undefined ? "" : `, on host \`${host}\`,`} and ${total} instances of ${named(names)} require it: ` +
          (type === "database" ? "add a standby (`replicates`)" : "place it on another host too (`runs-on`)"),
      ),
    ];
  });
};
