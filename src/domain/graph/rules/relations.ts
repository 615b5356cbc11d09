import type { GraphIndex } from "../graph-index.ts";
import { named, type Problem, warning } from "../problem.ts";

/**
 * `orphan`: a host without nodes, or a node that no edge connects with another one (its host does not count). The only
 * node of a graph cannot be connected, and a public node is connected with the outside.
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
      warning(
        "orphan",
        { nodes: [id] },
        `node \`${id}\`: no edge joins it with anything but its host: connect it or remove it`,
      ),
    ];
  });
};

/**
 * `single-point-of-failure`: a node that runs once and without a standby, while at least two instances of other nodes
 * require it by `depends-on` (a node on three hosts is three instances). Its failure stops all of them.
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
