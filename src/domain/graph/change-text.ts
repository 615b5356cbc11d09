import type { Schema } from "effect";
import { defined } from "../kernel/mod.ts";
import { withoutImpliedId } from "./canonical.ts";
import { changedFields } from "./changes.ts";
import type { GraphChange, RecordedGraphEvent } from "./contract.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import type { Node } from "./node.ts";

/** The number of characters of a value that are shown. The log has the rest. */
const valueLength = 60;

const valueText = (value: Schema.Json): string => {
  const text = [...JSON.stringify(value)];
  return text.length > valueLength ? `${text.slice(0, valueLength).join("")}…` : text.join("");
};

const fieldText = ([field, value]: readonly [string, Schema.Json]): string =>
  value === null ? `\`${field}\` is removed` : `\`${field}\` is ${valueText(value)}`;

const edgeText = ({ from, type, to, id: _, ...fields }: Edge): string =>
  `\`${from}\` ${type} \`${to}\`${Object.keys(fields).length === 0 ? "" : ` ${valueText(fields)}`}`;

/** Returns a change of a graph in words. `edge` is the edge that a change disconnects, if it is known. */
export const changeText = (change: GraphChange, edge?: Edge): string => {
  switch (change.type) {
    case "add-node":
      return `adds ${change.node.type} \`${change.node.id}\``;
    case "update-node":
      return `\`${change.id}\`: ${Object.entries(change.changes).map(fieldText).join(", ")}`;
    case "remove-node":
      return `removes \`${change.id}\``;
    case "connect": {
      const { from, type, to } = change.edge;
      return type === "runs-on" ? `places \`${from}\` on \`${to}\`` : `adds the edge ${edgeText(change.edge)}`;
    }
    case "disconnect":
      if (edge === undefined) return `removes the edge \`${change.id}\``;
      return edge.type === "runs-on"
        ? `takes \`${edge.from}\` off \`${edge.to}\``
        : `removes the edge \`${edge.from}\` ${edge.type} \`${edge.to}\``;
  }
};

/** An event of a graph in words, and the nodes that it concerns: the node itself, or the ends of an edge. */
export interface DescribedEvent {
  readonly event: RecordedGraphEvent;
  readonly nodes: ReadonlyArray<string>;
  /** The edge that was added or removed. */
  readonly edge?: Edge;
  readonly text: string;
}

/**
 * Returns a function that describes the events of a graph, which must be passed in order from the first. Events that
 * concern no node and no edge have no description.
 */
export const describer = (): ((event: RecordedGraphEvent) => ReadonlyArray<DescribedEvent>) => {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const described = (event: RecordedGraphEvent, ids: ReadonlyArray<string>, change: GraphChange, edge?: Edge) => [
    defined({ event, nodes: ids, edge, text: changeText(change, edge) }),
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
