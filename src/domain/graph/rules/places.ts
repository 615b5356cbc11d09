import type { GraphIndex } from "../graph-index.ts";
import { error, named, type Problem } from "../problem.ts";

/** Network file systems and object stores are elsewhere: they need no host. */
const needsHost = (index: GraphIndex, id: string): boolean => {
  const node = index.nodes.get(id);
  return !(node?.type === "storage" && (node.kind === "network-fs" || node.kind === "object-store"));
};

/**
 * `no-host`: there is no host at all, which is then not said of each node again. `unplaced`: a node without `runs-on` in
 * a graph with several hosts. (A `runs-on` that leads nowhere or to no host is a fault of the edge.)
 */
export const places = (index: GraphIndex): ReadonlyArray<Problem> => {
  const { types, placements } = index;
  const hosts = [...types].filter(([, type]) => type === "host");
  if (hosts.length === 0) return [error("no-host", {}, "the graph has no host to run on: add a node of type `host`")];
  const names = named(hosts.map(([id]) => id).sort());
  return [...types]
    .filter(([id, type]) => type !== "host" && type !== undefined && !placements.has(id) && needsHost(index, id))
    .map(([id]) =>
      error(
        "unplaced",
        { nodes: [id] },
        `node \`${id}\`: it is placed on no host: add a \`runs-on\` edge to one of the ${hosts.length} hosts (${names})`,
      ),
    );
};
