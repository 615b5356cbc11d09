import type { Node } from "./node.ts";

/** Returns the files of a node, by path. Only hosts have files. */
export const filesOfNode = (node: Node): Readonly<Record<string, string>> =>
  node.type === "host" ? (node.files ?? {}) : {};

/** Returns the digests of all texts that a graph names. */
export const digestsIn = (nodes: Iterable<Node>): ReadonlySet<string> => {
  const digests = new Set<string>();
  for (const node of nodes) for (const digest of Object.values(filesOfNode(node))) digests.add(digest);
  return digests;
};
