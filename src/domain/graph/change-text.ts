import type { Schema } from "effect";
import type { GraphChange } from "./contract.ts";
import type { Edge } from "./edge.ts";

/** A value is told up to so many characters; the rest is in the log. */
const valueLength = 60;

const valueText = (value: Schema.Json): string => {
  const text = [...JSON.stringify(value)];
  return text.length > valueLength ? `${text.slice(0, valueLength).join("")}…` : text.join("");
};

const fieldText = ([field, value]: readonly [string, Schema.Json]): string =>
  value === null ? `\`${field}\` is removed` : `\`${field}\` is ${valueText(value)}`;

const edgeText = ({ from, type, to, id: _, ...fields }: Edge): string =>
  `\`${from}\` ${type} \`${to}\`${Object.keys(fields).length === 0 ? "" : ` ${valueText(fields)}`}`;

/** A change of a graph in words; `edge` is the one that a change disconnects, where it is known. */
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
