import { type Draft, elementsOf, nodeKey, textOf } from "./draft.ts";
import { skeletonOf } from "./skeleton.ts";

/** The part of a large graph that one edits on the canvas. */
export type Region =
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "wave"; readonly wave: number }
  | { readonly kind: "around"; readonly node: string }
  | { readonly kind: "found"; readonly words: string };

/** As many nodes the canvas draws; what is larger opens as an overview. */
export const mostDrawn = 300;

/** A region as one word of an address. */
export const regionText = (region: Region): string => {
  switch (region.kind) {
    case "host":
      return `host:${region.host}`;
    case "wave":
      return `wave:${region.wave}`;
    case "around":
      return `around:${region.node}`;
    case "found":
      return `found:${region.words}`;
  }
};

/** Reads what {@link regionText} wrote; undefined if it is something else. */
export const regionFrom = (text: string): Region | undefined => {
  const [, kind, value = ""] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case "host":
      return { kind, host: value };
    case "wave":
      return /^\d{1,6}$/.test(value) ? { kind, wave: Number(value) } : undefined;
    case "around":
      return { kind, node: value };
    case "found":
      return { kind, words: value };
    default:
      return undefined;
  }
};

/** A region in words. */
export const regionName = (region: Region): string => {
  switch (region.kind) {
    case "host":
      return `host ${region.host}`;
    case "wave":
      return `wave ${region.wave}`;
    case "around":
      return `around ${region.node}`;
    case "found":
      return `what “${region.words}” finds`;
  }
};

/** The fields by which nodes are found. */
const searched = ["id", "type", "engine", "address", "package", "command"] as const;

/** The names of the nodes that have all these words, in the order of the graph. */
export const foundIn = (draft: Draft, text: string): ReadonlyArray<string> => {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  return draft.nodes
    .filter((node) => {
      const said = searched
        .map((field) => textOf(node[field]))
        .join(" ")
        .toLowerCase();
      return words.every((word) => said.includes(word));
    })
    .map(({ id }) => textOf(id))
    .filter((id) => id !== "");
};

/** A node, and the nodes at the other ends of its edges. */
const neighboursOf = ({ edges }: Draft, node: string): ReadonlyArray<string> => {
  const near = new Set([node]);
  for (const edge of edges) {
    const [from, to] = [textOf(edge.from), textOf(edge.to)];
    if (from === node && to !== "") near.add(to);
    if (to === node && from !== "") near.add(from);
  }
  return [...near];
};

/** The names of the nodes of a region, the most important first: hosts before their nodes, a node before its neighbours. */
export const nodesIn = (draft: Draft, region: Region): ReadonlyArray<string> => {
  const { residents, waves } = skeletonOf(draft);
  const onHost = (host: string): ReadonlyArray<string> => [host, ...(residents.get(host) ?? [])];
  switch (region.kind) {
    case "host":
      return residents.has(region.host) ? onHost(region.host) : [];
    case "wave":
      return [...new Set((waves[region.wave - 1] ?? []).flatMap(onHost))];
    case "around":
      return elementsOf(draft).has(nodeKey(region.node)) ? neighboursOf(draft, region.node) : [];
    case "found":
      return foundIn(draft, region.words);
  }
};
