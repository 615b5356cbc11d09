import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Schema } from "effect";
import { type Rule, review } from "../../../../src/agents/reviewers/rule.ts";
import { GraphDocument } from "../../../../src/domain/graph/document.ts";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";

export const host = (id: string, resources?: { cpuCores?: number; memoryMb?: number; diskGb?: number }): Node => ({
  id,
  type: "host",
  system: "x86_64-linux",
  address: `${id}.example.org`,
  ...defined({ resources }),
});
export const service = (id: string, more: Partial<Extract<Node, { type: "service" }>> = {}): Node => ({
  id,
  type: "service",
  command: "/bin/true",
  ...more,
});
export const database = (id: string, more: Partial<Extract<Node, { type: "database" }>> = {}): Node => ({
  id,
  type: "database",
  engine: "postgresql",
  ...more,
});
export const runsOn = (from: string, to: string): Edge => ({ from, to, type: "runs-on" });
export const dependsOn = (from: string, to: string, required = true): Edge => ({
  from,
  to,
  type: "depends-on",
  required,
});
export const connectsTo = (
  from: string,
  to: string,
  more: Partial<Extract<Edge, { type: "connects-to" }>> = {},
): Edge => ({
  from,
  to,
  type: "connects-to",
  protocol: "tcp",
  ...more,
});

/** What one rule finds in a graph. */
export const found = (rule: Rule, nodes: ReadonlyArray<Node>, edges: ReadonlyArray<Edge> = []) =>
  review([rule], { id: "g", nodes, edges });

export const example = (name: string): GraphDocument =>
  Schema.decodeUnknownSync(GraphDocument)(
    JSON.parse(readFileSync(resolve(import.meta.dirname, `../../../../examples/${name}.json`), "utf8")),
  );
