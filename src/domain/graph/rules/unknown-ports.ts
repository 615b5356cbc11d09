import { edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { portOf } from "../ports.ts";
import { error, type Problem } from "../problem.ts";

/** Where a node can be reached from: the hosts that it runs on, or itself where it is one. */
const hostsOf = ({ types, placements }: GraphIndex, id: string): ReadonlyArray<string> =>
  types.get(id) === "host" ? [id] : (placements.get(id) ?? []);

/** Two hosts, one of each list, that are not the same; undefined where all are one host. */
const firstPair = (sources: ReadonlyArray<string>, targets: ReadonlyArray<string>) => {
  for (const from of sources) {
    const to = targets.find((target) => target !== from);
    if (to !== undefined) return { from, to };
  }
  return undefined;
};

/**
 * `invalid-config`: a `connects-to` edge between hosts that names no port, to a node that has none: nobody knows what to
 * open. Inside a host nothing needs opening.
 */
export const unknownPorts = (index: GraphIndex): ReadonlyArray<Problem> =>
  index.edges.flatMap((edge) => {
    if (edge.type !== "connects-to" || edge.port !== undefined) return [];
    const target = index.nodes.get(edge.to);
    if (target === undefined || portOf(target) !== undefined) return [];
    const between = firstPair(hostsOf(index, edge.from), hostsOf(index, edge.to));
    if (between === undefined) return [];
    const identity = edgeIdentity(edge);
    const isFile = target.type === "database" && target.engine === "sqlite";
    return [
      error(
        "invalid-config",
        { nodes: [...new Set([edge.from, edge.to])].sort(), edges: [identity] },
        `edge \`${identity}\`: it leads from host \`${between.from}\` to host \`${between.to}\`, and ` +
          (isFile
            ? `SQLite database \`${edge.to}\` is a file: place both on one host or choose another engine`
            : `neither the edge nor \`${edge.to}\` has a port: add \`port\` to one of them`),
      ),
    ];
  });
