import type { GraphIndex } from "../graph-index.ts";
import { definitionOf } from "../node.ts";
import { error, named, type Problem } from "../problem.ts";

/** Returns whether a node must be on a host. A node that cannot be read always must. */
const needsHost = (index: GraphIndex, id: string): boolean => {
  const node = index.nodes.get(id);
  return node === undefined || definitionOf(node).needsHost(node);
};

/**
 * `no-host`: the graph has no host. Nodes are not reported separately then. `unplaced`: a node without `runs-on` in a
 * graph with several hosts. (A `runs-on` that leads nowhere or to another type is a problem of the edge.)
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

/** `engine-conflict`: two nodes on one host with an engine that a host can run only once. The first by id keeps it. */
export const engineConflicts = (index: GraphIndex): ReadonlyArray<Problem> =>
  [...index.residents].flatMap(([host, nodes]) => {
    const running = new Map<string, string>();
    return nodes.flatMap((node) => {
      const engine = definitionOf(node).onceAHost(node);
      if (engine === undefined) return [];
      const holder = running.get(engine);
      if (holder === undefined) {
        running.set(engine, node.id);
        return [];
      }
      return [
        error(
          "engine-conflict",
          { nodes: [node.id, holder].sort() },
          `node \`${node.id}\`: host \`${host}\` can run ${engine} once and runs it for \`${holder}\`: choose another host`,
        ),
      ];
    });
  });
