import { visible } from "../kernel/mod.ts";
import { normalForm } from "./canonical.ts";
import type { GraphDocument } from "./document.ts";
import { type Edge, edgeLabel } from "./edge.ts";
import { definitionOf, type Node } from "./node.ts";

/** Invisible characters are written out, because in a picture too they could reverse or hide the text around them. */
const nodeLines = (node: Node): ReadonlyArray<string> => {
  const detail = definitionOf(node).picture.detail(node);
  return [node.id, detail === undefined ? node.type : `${node.type}, ${detail}`].map(visible);
};

/** Returns the drawable edges: those with a node at both ends. */
const drawable = ({ nodes, edges }: GraphDocument): ReadonlyArray<Edge> => {
  const ids = new Set(nodes.map(({ id }) => id));
  return edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
};

/**
 * Returns names for pictures by node id. An id itself may be a keyword of the picture's language, such as `end`. The
 * name of a node does not change when other nodes come or go, unless its id is invalid.
 */
const namesOf = ({ nodes }: GraphDocument): ReadonlyMap<string, string> =>
  new Map(nodes.map(({ id }, index) => [id, /^[a-z0-9-]+$/.test(id) ? `n_${id.replaceAll("-", "_")}` : `x${index}`]));

/**
 * Replaces everything but letters, digits and plain punctuation by Mermaid's entity codes, so that no text can end a
 * label.
 */
const mermaidText = (text: string): string =>
  text.replace(/[^\p{L}\p{N} .,:/()_-]/gu, (character) => `#${character.codePointAt(0)};`);

/** Returns the graph as a Mermaid flowchart. Accepts any text in names and fields. */
export const toMermaid = (document: GraphDocument): string => {
  const graph = normalForm(document);
  const names = namesOf(graph);
  const nodes = graph.nodes.map((node) => {
    const [open, close] = definitionOf(node).picture.mermaid;
    return `  ${names.get(node.id)}${open}"${nodeLines(node).map(mermaidText).join("<br/>")}"${close}`;
  });
  const edges = drawable(graph).map((edge) => {
    const arrow = edge.type === "runs-on" ? "-.->" : "-->";
    return `  ${names.get(edge.from)} ${arrow}|"${mermaidText(visible(edgeLabel(edge)))}"| ${names.get(edge.to)}`;
  });
  return `${["flowchart LR", ...nodes, ...edges].join("\n")}\n`;
};

/** Returns a quoted string of DOT, in which `&` begins a character entity and `\` an escape. */
const dotText = (lines: ReadonlyArray<string>): string =>
  `"${lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"')).join("\\n")}"`;

/** Returns the graph in the DOT language of Graphviz. Accepts any text in names and fields. */
export const toDot = (document: GraphDocument): string => {
  const graph = normalForm(document);
  const names = namesOf(graph);
  const nodes = graph.nodes.map(
    (node) =>
      `  ${names.get(node.id)} [label=${dotText(nodeLines(node))}, shape=${definitionOf(node).picture.graphviz}];`,
  );
  const edges = drawable(graph).map((edge) => {
    const style = edge.type === "runs-on" ? ", style=dotted" : "";
    return `  ${names.get(edge.from)} -> ${names.get(edge.to)} [label=${dotText([visible(edgeLabel(edge))])}${style}];`;
  });
  return `${[`digraph ${dotText([graph.id])} {`, "  rankdir=LR;", ...nodes, ...edges, "}"].join("\n")}\n`;
};
