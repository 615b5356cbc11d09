import type { Edge } from "./edge.ts";
import type { NodeType } from "./types.ts";

/** The hosts of each placed node, by id, sorted. Hosts and unplaced nodes are not in it. */
export type Placements = ReadonlyMap<string, ReadonlyArray<string>>;

/**
 * Returns where nodes run: on the hosts to which their `runs-on` edges lead. In a graph with one host, nodes without
 * such an edge run on that host.
 */
export const placed = (types: ReadonlyMap<string, NodeType | undefined>, edges: ReadonlyArray<Edge>): Placements => {
  const placements = new Map<string, Array<string>>();
  for (const { type, from, to } of edges) {
    if (type !== "runs-on" || types.get(from) === "host") continue;
    const known = placements.get(from);
    const hosts = types.get(to) === "host" ? [to] : [];
    if (known === undefined) placements.set(from, hosts);
    else known.push(...hosts);
  }
  const [only, ...others] = [...types].filter(([, type]) => type === "host");
  if (only !== undefined && others.length === 0)
    for (const [id, type] of types) if (type !== "host" && !placements.has(id)) placements.set(id, [only[0]]);
  for (const [id, hosts] of placements) if (hosts.length > 1) placements.set(id, [...new Set(hosts)].sort());
  return placements;
};

/** Returns the ids of a node's hosts. A host is on itself. */
export const hostIdsOf = (placements: Placements, node: string): ReadonlyArray<string> =>
  placements.get(node) ?? [node];
