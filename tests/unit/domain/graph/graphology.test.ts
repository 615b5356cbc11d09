import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { MultiDirectedGraph } from "graphology";
import { canonicalGraph, normalForm } from "../../../../src/domain/graph/canonical.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { fromGraphology, isGraphology, toGraphology } from "../../../../src/domain/graph/graphology.ts";
import { decodeGraphDocument } from "../../../../src/domain/graph/problems.ts";
import { anyDocument, dependsOn, document, example, exampleNames, host, runsOn, service } from "./fixtures.ts";

const read = (input: unknown): GraphDocument =>
  Result.getOrThrow(decodeGraphDocument(Result.getOrThrow(fromGraphology(input))));

/** Through the library: what it imports and exports again. */
const throughLibrary = (serialization: unknown): unknown =>
  JSON.parse(
    JSON.stringify(MultiDirectedGraph.from(serialization as Parameters<typeof MultiDirectedGraph.from>[0]).export()),
  );

const faults = (input: unknown): ReadonlyArray<string> => {
  const result = fromGraphology(input);
  return Result.isFailure(result) ? result.failure.map(({ message }) => message) : [];
};

describe("toGraphology", () => {
  test("is what Graph.export() gives", () => {
    const graph = document(
      [service("web", { port: 80 }), host("h")],
      [runsOn("web", "h"), dependsOn("web", "web", { id: "own", required: false })],
    );
    expect(toGraphology({ ...graph, description: "a shop" })).toEqual({
      attributes: { id: "shop", description: "a shop" },
      options: { type: "directed", multi: true, allowSelfLoops: true },
      nodes: [
        { key: "h", attributes: { type: "host", system: "x86_64-linux", address: "10.0.0.1" } },
        {
          key: "web",
          attributes: {
            type: "service",
            command: "/bin/serve",
            healthCheck: { kind: "exec", command: "/bin/check" },
            port: 80,
          },
        },
      ],
      edges: [
        { key: "own", source: "web", target: "web", attributes: { id: "own", type: "depends-on", required: false } },
        { key: "web/runs-on/h", source: "web", target: "h", attributes: { type: "runs-on" } },
      ],
    });
  });

  test("loses nothing on the way there and back, through the library too", () => {
    fc.assert(
      fc.property(anyDocument, (graph) => {
        const serialization = JSON.parse(JSON.stringify(toGraphology(graph)));
        expect(isGraphology(serialization)).toBe(true);
        expect(read(serialization)).toEqual(normalForm(graph));
        expect(throughLibrary(serialization)).toEqual(serialization);
        expect(read(throughLibrary(serialization))).toEqual(normalForm(graph));
      }),
    );
  });

  test.each(exampleNames)("keeps the example %s", (name) => {
    const graph = example(name);
    expect(isGraphology(graph)).toBe(false);
    expect(canonicalGraph(read(throughLibrary(toGraphology(graph))))).toBe(canonicalGraph(graph));
  });
});

describe("fromGraphology", () => {
  test("reads what somebody made with the library", () => {
    const made = new MultiDirectedGraph();
    made.replaceAttributes({ id: "shop" });
    made.addNode("h", { type: "host", system: "x86_64-linux", address: "10.0.0.1" });
    made.addNode("web", { type: "service", command: "web" });
    made.addEdge("web", "h", { type: "runs-on" });
    made.addEdgeWithKey("mine", "web", "web", { type: "data-flow" });
    expect(read(made.export()).edges).toEqual([
      { from: "web", to: "h", type: "runs-on" },
      { id: "mine", from: "web", to: "web", type: "data-flow" },
    ]);
  });

  test("leaves the content to validation", () => {
    const result = decodeGraphDocument(
      Result.getOrThrow(
        fromGraphology({ options: {}, nodes: [{ key: "web" }], edges: [{ source: "web", target: "db", key: "e" }] }),
      ),
    );
    expect(Result.isFailure(result) && result.failure.map(({ edges, nodes }) => [...nodes, ...edges])).toEqual([
      ["e"],
      ["web"],
      [],
    ]);
  });

  test.each<[string, object, string]>([
    ["no list of edges", { nodes: [] }, "the graphology serialization: field `edges` is missing: add it"],
    [
      "a node without key",
      { nodes: [{ id: "a" }], edges: [] },
      "the graphology serialization: field `nodes.0.key` is missing: add it",
    ],
    [
      "a misspelt field",
      { nodes: [], edges: [{ source: "a", taget: "b" }] },
      "the graphology serialization: there is no field `edges.0.taget` here: did you mean `target`?",
    ],
    [
      "an undirected edge",
      { nodes: [], edges: [{ key: "e", source: "a", target: "b", undirected: true }] },
      "edge `e`: it is undirected, and edges lead from a node to a node: give it a direction",
    ],
    [
      "two ids of a node",
      { nodes: [{ key: "a", attributes: { id: "b" } }], edges: [] },
      "node `a`: its attribute `id` differs from its key `a`: remove the attribute",
    ],
    [
      "two ends of an edge",
      { nodes: [], edges: [{ source: "a", target: "b", attributes: { to: "c" } }] },
      "edges[0]: its attribute `to` differs from its target `b`: remove the attribute",
    ],
  ])("tells of %s", (_, input, message) => {
    expect(faults({ attributes: { id: "g" }, ...input })).toContain(message);
  });

  test("never throws, whatever JSON it gets", () => {
    const list = fc.array(
      fc.record({ key: fc.jsonValue(), source: fc.jsonValue(), target: fc.jsonValue(), attributes: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        list,
        list,
        (options, nodes, edges) => void fromGraphology({ options, nodes, edges }),
      ),
    );
  });
});
