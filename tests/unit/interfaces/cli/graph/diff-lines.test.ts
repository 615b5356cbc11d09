import { expect, test } from "@jest/globals";
import type { GraphDocument } from "../../../../../src/domain/graph/document.ts";
import { diffLines } from "../../../../../src/interfaces/cli/graph/diff-lines.ts";

const graph = (parts: Pick<GraphDocument, "nodes" | "edges">): GraphDocument => ({ id: "shop", ...parts });
const plain = { style: (_: string, text: string) => text };

const before = graph({
  nodes: [
    { id: "web", type: "service", command: "/bin/web", port: 80, user: "w", healthCheck: { kind: "http", path: "/a" } },
    { id: "db", type: "database", engine: "postgresql" },
    { id: "old", type: "service", command: "/bin/old" },
  ],
  edges: [
    { from: "web", to: "db", type: "connects-to", protocol: "postgresql", encrypted: true },
    { from: "web", to: "old", type: "depends-on" },
  ],
});
const after = graph({
  nodes: [
    {
      id: "web",
      type: "service",
      command: "/bin/web",
      port: 81,
      args: ["-v"],
      healthCheck: { kind: "http", path: "/b" },
    },
    { id: "db", type: "database", engine: "postgresql" },
    { id: "cache", type: "database", engine: "redis" },
  ],
  edges: [
    { from: "web", to: "db", type: "connects-to", protocol: "postgresql" },
    { from: "web", to: "cache", type: "depends-on" },
  ],
});

test("a difference has old and new values, of nodes and edges, and the sum of it", () => {
  expect(diffLines(before, after, plain)).toEqual([
    "- node old (service)",
    '+ node cache (database) {"engine":"redis"}',
    "~ node web (service)",
    '    + args: ["-v"]',
    '    ~ healthCheck.path: "/a" → "/b"',
    "    ~ port: 80 → 81",
    '    - user: "w"',
    "- edge web/depends-on/old",
    "+ edge web depends-on cache",
    "~ edge web connects-to db",
    "    - encrypted: true",
    "1 node removed, 1 node added, 1 node changed, 1 edge removed, 1 edge added, 1 edge changed",
  ]);
});

test("graphs that say the same have no lines", () => {
  expect(diffLines(before, graph({ ...before, nodes: before.nodes.toReversed() }), plain)).toEqual([]);
});
