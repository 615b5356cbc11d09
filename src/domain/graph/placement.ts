import type { Edge } from "./edge.ts";
import type { NodeType } from "./types.ts";

/** The hosts that each placed node runs on, by id, sorted. Hosts themselves and nodes without a place are not in it. */
export type Placements = ReadonlyMap<string, ReadonlyArray<string>>;

/**
 * Where nodes run: where their `runs-on` edges lead, as far as those are hosts. In a graph with one host the nodes
 * without such an edge run there.
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

/** The ids of the hosts that a node is on; a host is on itself. */
export const hostIdsOf = (placements: Placements, node: string): ReadonlyArray<string> =>
  placements.get(node) ?? [node];
