import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { graphAnswers } from "../../../src/application/operations/graphs.ts";
import { graph } from "../../../src/domain/graph/decider.ts";
import type { Edge } from "../../../src/domain/graph/edge.ts";
import type { Node } from "../../../src/domain/graph/node.ts";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { graphs } from "../../../src/projections/graphs.ts";
import { makeLog, timeAt } from "./log.ts";

type Event = EventOf<typeof graph.events>;

const service = (id: string, command = "serve"): Node => ({ id, type: "service", command });
const added = (id: string): Event => ({ type: "node-added", data: { node: service(id) } });
const dependsOn = (from: string, to: string): Edge & { id: string } => ({
  id: `${from}/depends-on/${to}`,
  from,
  to,
  type: "depends-on" as const,
});
const connected = (from: string, to: string): Event => ({
  type: "edge-connected",
  data: { edge: dependsOn(from, to) },
});
const created: Event = { type: "graph-created", data: { description: "A shop" } };

const documentAfter = (...commits: ReadonlyArray<ReadonlyArray<Event>>) => {
  const log = makeLog();
  for (const events of commits) log.commit(graph, "web-shop", events);
  return log.documents(graphs).get("web-shop");
};
const imported = [
  created,
  added("web"),
  added("db"),
  added("cache"),
  connected("web", "db"),
  connected("web", "cache"),
];

test("a graph has its nodes and edges in order, with the version of its newest event", () => {
  expect(documentAfter(imported)).toEqual({
    id: "web-shop",
    description: "A shop",
    owner: "someone",
    editors: [],
    archived: false,
    secretLike: [],
    nodes: [service("cache"), service("db"), service("web")],
    edges: [
      { from: "web", to: "cache", type: "depends-on" },
      { from: "web", to: "db", type: "depends-on" },
    ],
    createdAt: timeAt(1),
    updatedAt: timeAt(1),
    version: 6,
    position: 1,
  });
});

test("it follows every change", () => {
  expect(
    documentAfter(
      imported,
      [{ type: "edge-disconnected", data: { id: "web/depends-on/cache" } }],
      [{ type: "node-removed", data: { id: "cache" } }],
      [{ type: "node-updated", data: { node: service("db", "postgres") } }],
      [{ type: "graph-described", data: {} }],
      [{ type: "graph-archived", data: {} }],
    ),
  ).toEqual({
    id: "web-shop",
    owner: "someone",
    editors: [],
    archived: true,
    secretLike: [],
    nodes: [service("db", "postgres"), service("web")],
    edges: [{ from: "web", to: "db", type: "depends-on" }],
    createdAt: timeAt(1),
    updatedAt: timeAt(6),
    version: 11,
    position: 6,
  });
});

test("an archived graph can be revived", () => {
  const archived: Event = { type: "graph-archived", data: {} };
  expect(documentAfter(imported, [archived], [{ type: "graph-revived", data: {} }])?.archived).toBe(false);
});

test("a list counts nodes and edges in place of showing them", () => {
  const log = makeLog();
  log.commit(graph, "web-shop", imported);
  const { items } = Effect.runSync(graphAnswers.list({ limit: 10 }, log.documents(graphs), Number.POSITIVE_INFINITY));
  expect(items).toEqual([
    {
      id: "web-shop",
      description: "A shop",
      owner: "someone",
      editors: [],
      archived: false,
      secretLike: [],
      nodeCount: 3,
      edgeCount: 2,
      createdAt: timeAt(1),
      updatedAt: timeAt(1),
      version: 6,
      position: 1,
    },
  ]);
});

test("it names what was allowed although it looks like a secret, by whom and when, until it is gone", () => {
  const secret = { ...service("web"), environment: { TOKEN_KIND_SECRET: "hunter2" } };
  const allowed: Event = { type: "secret-like-allowed", data: { fields: ["web.environment.TOKEN_KIND_SECRET"] } };
  const history: ReadonlyArray<ReadonlyArray<Event>> = [
    imported,
    [{ type: "node-updated", data: { node: secret } }, allowed],
    [{ type: "node-updated", data: { node: { ...secret, type: "service", command: "serve", port: 80 } } }],
  ];
  expect(documentAfter(...history)?.secretLike).toEqual([
    { field: "web.environment.TOKEN_KIND_SECRET", allowedBy: "someone", allowedAt: timeAt(2) },
  ]);
  const ends: ReadonlyArray<Event> = [
    { type: "node-removed", data: { id: "web" } },
    { type: "node-updated", data: { node: service("web") } },
  ];
  for (const end of ends) expect(documentAfter(...history, [end])?.secretLike).toEqual([]);
});

test("one commit of many events gives the same as a commit for each", () => {
  const { position: _, createdAt: __, updatedAt: ___, ...together } = documentAfter(imported) ?? {};
  expect(documentAfter(...imported.map((event) => [event]))).toMatchObject(together);
});

test("a commit of 10,000 nodes is one document, read once", () => {
  const nodes = Array.from({ length: 10_000 }, (_, index) => added(`node-${index}`));
  let reads = 0;
  const log = makeLog();
  log.commit(graph, "web-shop", [created, ...nodes]);
  const documents = log.documents({
    ...graphs,
    apply: (get, commit) =>
      graphs.apply((key) => {
        reads += 1;
        return get(key);
      }, commit),
  });
  expect(documents.get("web-shop")?.nodes.length).toBe(10_000);
  expect(reads).toBe(1);
});
