import type { Node } from "./node.ts";

/** The files of a node, by path: its own if it is a host, otherwise none. */
export const filesOfNode = (node: Node): Readonly<Record<string, string>> =>
  node.type === "host" ? (node.files ?? {}) : {};

/** The digests of all texts that a graph names. */
export const digestsIn = (nodes: Iterable<Node>): ReadonlySet<string> => {
  const digests = new Set<string>();
  for (const node of nodes) for (const digest of Object.values(filesOfNode(node))) digests.add(digest);
  return digests;
};
