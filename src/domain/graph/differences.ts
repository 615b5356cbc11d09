import { HashMap, Option } from "effect";
import { atOnce, type Steps } from "../kernel/mod.ts";
import { saysTheSame } from "./canonical.ts";
import type { GraphContent } from "./content.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import type { Node } from "./node.ts";
import { byText } from "./order.ts";

/**
 * The differences that turn one content into another. They apply in the order of these fields, and every step leaves a
 * valid graph.
 */
export interface Differences {
  /** Identities of edges. */
  readonly disconnected: ReadonlyArray<string>;
  /** Ids of nodes. */
  readonly removed: ReadonlyArray<string>;
  readonly updated: ReadonlyArray<{ readonly before: Node; readonly after: Node }>;
  readonly added: ReadonlyArray<Node>;
  readonly connected: ReadonlyArray<Edge>;
}

/**
 * Returns the differences, each list sorted. A changed edge is disconnected and connected again. A node whose type
 * changed is removed and added again, with its edges.
 */
export const differences = (from: GraphContent, to: GraphContent): Differences => atOnce(findingDifferences(from, to));

/** Returns the same, with a pause after each list. */
export function* findingDifferences(from: GraphContent, to: GraphContent): Steps<Differences> {
  const before = (id: string) => Option.getOrUndefined(HashMap.get(from.nodes, id));
  const after = (id: string) => Option.getOrUndefined(HashMap.get(to.nodes, id));
  const isGone = (id: string): boolean => before(id) !== undefined && before(id)?.type !== after(id)?.type;
  const stays = (edge: Edge, there: GraphContent): boolean => {
    const other = Option.getOrUndefined(HashMap.get(there.edges, edgeIdentity(edge)));
    return other !== undefined && saysTheSame(edge, other) && !isGone(edge.from) && !isGone(edge.to);
  };
  const nodes = [...HashMap.values(to.nodes)].sort(byText(({ id }) => id));
  yield;
  const disconnected = [...HashMap.values(from.edges)]
    .filter((edge) => !stays(edge, to))
    .map(edgeIdentity)
    .sort();
  yield;
  const removed = [...HashMap.keys(from.nodes)].filter(isGone).sort();
  const updated = nodes.flatMap((node) => {
    const old = before(node.id);
    return old === undefined || old.type !== node.type || saysTheSame(old, node) ? [] : [{ before: old, after: node }];
  });
  yield;
  const added = nodes.filter(({ id }) => before(id) === undefined || isGone(id));
  yield;
  const connected = [...HashMap.values(to.edges)].filter((edge) => !stays(edge, from)).sort(byText(edgeIdentity));
  return { disconnected, removed, updated, added, connected };
}
