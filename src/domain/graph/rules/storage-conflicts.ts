import { type Edge, edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { error, named, type Problem } from "../problem.ts";

/**
 * `storage-conflict`: a `read-write-once` volume with two writers: two nodes that mount it without `readOnly`, or one such
 * node that runs on several hosts.
 */
export const storageConflicts = ({ nodes, types, edges, placements }: GraphIndex): ReadonlyArray<Problem> => {
  const mounts = new Map<string, Array<Edge>>();
  for (const edge of edges) {
    if (edge.type !== "mounts-volume" || edge.readOnly === true || !types.has(edge.from)) continue;
    const volume = nodes.get(edge.to);
    if (volume?.type !== "storage" || volume.accessMode !== "read-write-once") continue;
    const uses = mounts.get(edge.to);
    if (uses === undefined) mounts.set(edge.to, [edge]);
    else uses.push(edge);
  }
  return [...mounts].flatMap(([volume, uses]) => {
    const writers = [...new Set(uses.map(({ from }) => from))].sort();
    const hosts = [...new Set(writers.flatMap((id) => placements.get(id) ?? []))].sort();
    if (writers.length < 2 && hosts.length < 2) return [];
    const where = hosts.length < 2 ? "" : ` on hosts ${named(hosts)}`;
    return [
      error(
        "storage-conflict",
        { nodes: [volume, ...writers], edges: uses.map(edgeIdentity).sort() },
        `storage \`${volume}\`: it takes one writer (read-write-once) and has ${named(writers)}${where}: mount it \`readOnly\`, make it ` +
          "`read-write-many` or give each writer its own",
      ),
    ];
  });
};
