import type { RecordedEventOf } from "../kernel/mod.ts";
import { withoutImpliedId } from "./canonical.ts";
import { changeText } from "./change-text.ts";
import { changedFields } from "./changes.ts";
import type { GraphChange, graphEvents } from "./contract.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import type { Node } from "./node.ts";

/** An event of a graph as the log has it. */
export type RecordedGraphEvent = RecordedEventOf<typeof graphEvents>;

/** An event of a graph in words, and the nodes that it is about: the node itself, or the ends of an edge. */
export interface DescribedEvent {
  readonly event: RecordedGraphEvent;
  readonly nodes: ReadonlyArray<string>;
  /** The edge that came or went. */
  readonly edge?: Edge;
  readonly text: string;
}

/** Describes the events of a graph one after the other, from its first; nothing for those that change no node or edge. */
export const describer = (): ((event: RecordedGraphEvent) => ReadonlyArray<DescribedEvent>) => {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const described = (event: RecordedGraphEvent, ids: ReadonlyArray<string>, change: GraphChange, edge?: Edge) => [
    { event, nodes: ids, ...(edge === undefined ? {} : { edge }), text: changeText(change, edge) },
  ];
  return (event) => {
    switch (event.type) {
      case "node-added":
      case "node-updated": {
        const { node } = event.data;
        const before = nodes.get(node.id);
        nodes.set(node.id, node);
        return before === undefined
          ? described(event, [node.id], { type: "add-node", node })
          : described(event, [node.id], { type: "update-node", id: node.id, changes: changedFields(before, node) });
      }
      case "node-removed":
        nodes.delete(event.data.id);
        return described(event, [event.data.id], { type: "remove-node", id: event.data.id });
      case "edge-connected": {
        const edge = withoutImpliedId(event.data.edge);
        edges.set(edgeIdentity(edge), edge);
        return described(event, [edge.from, edge.to], { type: "connect", edge }, edge);
      }
      case "edge-disconnected": {
        const { id } = event.data;
        const edge = edges.get(id);
        edges.delete(id);
        return described(event, edge === undefined ? [] : [edge.from, edge.to], { type: "disconnect", id }, edge);
      }
      default:
        return [];
    }
  };
};
