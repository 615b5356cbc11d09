/** All types of nodes, in the order in which the format lists them. Each has a file in `node-types/`. */
export const nodeTypeNames = [
  "host",
  "service",
  "agent",
  "database",
  "message-bus",
  "load-balancer",
  "storage",
  "monitoring",
] as const;
export type NodeType = (typeof nodeTypeNames)[number];

/** All types of edges, in the order in which the format lists them. Each has its definition in `edge.ts`. */
export const edgeTypeNames = [
  "runs-on",
  "depends-on",
  "connects-to",
  "data-flow",
  "load-balances",
  "mounts-volume",
  "publishes-to",
  "subscribes-to",
  "replicates",
  "manages",
  "monitors",
] as const;
export type EdgeType = (typeof edgeTypeNames)[number];

/** Returns names as a choice in a sentence: `a, b or c`. */
export const choiceOf = (names: ReadonlyArray<string>): string =>
  `${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
