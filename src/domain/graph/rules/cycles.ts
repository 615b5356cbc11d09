import { type Edge, edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { error, type Problem } from "../problem.ts";

/** The most cycles that are listed. A tangle of n nodes can have cycles with n² nodes in total. */
const mostCycles = 100;

type Requirements = ReadonlyMap<string, ReadonlyMap<string, Edge>>;

/** Returns for each node the nodes that it requires, sorted, with the edge (of several, the first by identity). */
const requirementsOf = ({ edges, types }: GraphIndex): Requirements => {
  const requirements = new Map<string, Map<string, Edge>>();
  for (const edge of edges) {
    if (edge.type !== "depends-on" || edge.required === false || !types.has(edge.from) || !types.has(edge.to)) continue;
    const targets = requirements.get(edge.from);
    if (targets === undefined) {
      requirements.set(edge.from, new Map([[edge.to, edge]]));
      continue;
    }
    const known = targets.get(edge.to);
    if (known === undefined || edgeIdentity(edge) < edgeIdentity(known)) targets.set(edge.to, edge);
  }
  for (const [from, targets] of requirements)
    if (targets.size > 1)
      requirements.set(from, new Map([...targets].sort(([left], [right]) => (left < right ? -1 : 1))));
  return requirements;
};

/** Returns a cycle that begins with its first node by id. */
const rotated = (cycle: ReadonlyArray<string>): ReadonlyArray<string> => {
  const first = cycle.reduce((least, id, index) => (id < (cycle[least] ?? "") ? index : least), 0);
  return [...cycle.slice(first), ...cycle.slice(0, first)];
};

/**
 * Returns cycles by a depth-first search without recursion: every edge back to a node on the current path closes a
 * cycle. The libraries find one cycle, or the components that contain some. A person must see all of them, each with
 * its own edges to remove.
 */
const cyclesIn = (requirements: Requirements): ReadonlyArray<ReadonlyArray<string>> => {
  const cycles: Array<ReadonlyArray<string>> = [];
  const done = new Set<string>();
  for (const start of [...requirements.keys()].sort()) {
    if (done.has(start)) continue;
    const path = [start];
    const depths = new Map([[start, 0]]);
    const pending = [requirements.get(start)?.keys() ?? [].values()];
    while (path.length > 0) {
      const next = pending.at(-1)?.next();
      if (next === undefined || next.done === true) {
        const left = path.pop();
        pending.pop();
        if (left === undefined) break;
        depths.delete(left);
        done.add(left);
        continue;
      }
      const depth = depths.get(next.value);
      if (depth !== undefined) {
        cycles.push(rotated(path.slice(depth)));
        if (cycles.length === mostCycles) return cycles;
      } else if (!done.has(next.value)) {
        depths.set(next.value, path.length);
        path.push(next.value);
        pending.push(requirements.get(next.value)?.keys() ?? [].values());
      }
    }
  }
  return cycles;
};

/**
 * `cycle`: nodes that require each other by `depends-on`, so that none can start first. `nodes` has the cycle in order.
 * `edges` has the edge from each node to the next, and from the last to the first. After one edge of each listed cycle
 * is removed, no cycle is left (at most a hundred are listed).
 */
export const cycles = (index: GraphIndex): ReadonlyArray<Problem> => {
  const requirements = requirementsOf(index);
  return cyclesIn(requirements).map((nodes) => {
    const edges = nodes.flatMap((id, at) => {
      const edge = requirements.get(id)?.get(nodes[(at + 1) % nodes.length] ?? "");
      return edge === undefined ? [] : [edgeIdentity(edge)];
    });
    const shown = nodes.length > 10 ? [...nodes.slice(0, 9), "…", ...nodes.slice(-1)] : nodes;
    const round = [...shown, nodes[0]].map((id) => `\`${id}\``).join(" → ");
    return error(
      "cycle",
      { nodes, edges },
      `nodes ${round} require each other, so none can start first: remove one of the edges or make it \`required: false\``,
    );
  });
};
