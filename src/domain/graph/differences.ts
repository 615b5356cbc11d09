import { HashMap, Option } from "effect";
import { saysTheSame } from "./canonical.ts";
import type { GraphContent } from "./content.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import type { Node } from "./node.ts";
import { byText } from "./order.ts";

/** What turns one content into another, to be applied in the order of these fields: every step leaves a sound graph. */
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
 * The differences, each list sorted. An edge that changed is disconnected and connected again; a node that changed its
 * type is removed and added again, and so are its edges.
 */
export const differences = (from: GraphContent, to: GraphContent): Differences => {
  const before = (id: string) => Option.getOrUndefined(HashMap.get(from.nodes, id));
  const after = (id: string) => Option.getOrUndefined(HashMap.get(to.nodes, id));
  const isGone = (id: string): boolean => before(id) !== undefined && before(id)?.type !== after(id)?.type;
  const stays = (edge: Edge, there: GraphContent): boolean => {
    const other = Option.getOrUndefined(HashMap.get(there.edges, edgeIdentity(edge)));
    return other !== undefined && saysTheSame(edge, other) && !isGone(edge.from) && !isGone(edge.to);
  };
  const nodes = [...HashMap.values(to.nodes)].sort(byText(({ id }) => id));
  return {
    disconnected: [...HashMap.values(from.edges)]
      .filter((edge) => !stays(edge, to))
      .map(edgeIdentity)
      .sort(),
    removed: [...HashMap.keys(from.nodes)].filter(isGone).sort(),
    updated: nodes.flatMap((node) => {
      const old = before(node.id);
      return old === undefined || old.type !== node.type || saysTheSame(old, node)
        ? []
        : [{ before: old, after: node }];
    }),
    added: nodes.filter(({ id }) => before(id) === undefined || isGone(id)),
    connected: [...HashMap.values(to.edges)].filter((edge) => !stays(edge, from)).sort(byText(edgeIdentity)),
  };
};
