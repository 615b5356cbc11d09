import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import fc from "fast-check";
import { canonicalGraph } from "../../../../src/domain/graph/canonical.ts";
import type { GraphEvent } from "../../../../src/domain/graph/contract.ts";
import { graph } from "../../../../src/domain/graph/decider.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { structuralProblems } from "../../../../src/domain/graph/problems.ts";
import { documentOf } from "../../../../src/domain/graph/state.ts";
import { atOnce } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";
import {
  anyDocument,
  database,
  dependsOn,
  document,
  example,
  exampleNames,
  host,
  runsOn,
  service,
} from "./fixtures.ts";

const { given, stateAfter } = specification(graph, { aggregateId: "shop", known: undefined });

const importing = (payload: GraphDocument) => ({ type: "import", payload }) as const;

/** The events of a document's first import. */
const imported = (graphDocument: GraphDocument): ReadonlyArray<GraphEvent> =>
  Result.getOrThrow(given([]).when(importing(graphDocument), { aggregateId: graphDocument.id }));

const known = (history: ReadonlyArray<GraphEvent>) => {
  const state = stateAfter(history);
  if (state === null) throw new Error("there is no graph");
  return state;
};

const start = document([host("leaf"), service("web"), database("db")], [runsOn("web", "leaf"), dependsOn("web", "db")]);
const history = imported(start);
const archived: ReadonlyArray<GraphEvent> = [...history, { type: "graph-archived", data: {} }];

describe("import", () => {
  test("creates a graph: nodes first, then edges with their ids", () => {
    expect(given([]).when(importing({ ...start, description: "A shop" }))).toEqual(
      Result.succeed([
        { type: "graph-created", data: { description: "A shop" } },
        { type: "node-added", data: { node: database("db") } },
        { type: "node-added", data: { node: host("leaf") } },
        { type: "node-added", data: { node: service("web") } },
        { type: "edge-connected", data: { edge: { ...dependsOn("web", "db"), id: "web/depends-on/db" } } },
        { type: "edge-connected", data: { edge: { ...runsOn("web", "leaf"), id: "web/runs-on/leaf" } } },
      ]),
    );
  });

  test("changes a graph by the differences", () => {
    const next = document(
      [host("leaf"), service("web", { port: 80 }), service("api")],
      [runsOn("web", "leaf"), dependsOn("web", "api")],
    );
    expect(given(history).when(importing({ ...next, description: "New" }))).toEqual(
      Result.succeed([
        { type: "graph-described", data: { description: "New" } },
        { type: "edge-disconnected", data: { id: "web/depends-on/db" } },
        { type: "node-removed", data: { id: "db" } },
        { type: "node-updated", data: { node: service("web", { port: 80 }) } },
        { type: "node-added", data: { node: service("api") } },
        { type: "edge-connected", data: { edge: { ...dependsOn("web", "api"), id: "web/depends-on/api" } } },
      ]),
    );
  });

  test("replaces a node whose type changed, and its edges", () => {
    const next = document([host("leaf"), service("web"), service("db")], start.edges);
    expect(Result.getOrThrow(given(history).when(importing(next))).map(({ type }) => type)).toEqual([
      "edge-disconnected",
      "node-removed",
      "node-added",
      "edge-connected",
    ]);
  });

  test("revives an archived graph", () => {
    expect(given(archived).when(importing(start))).toEqual(Result.succeed([{ type: "graph-revived", data: {} }]));
  });

  test("refuses a document of another graph", () => {
    expect(given([]).refuses(importing({ ...start, id: "other" }))).toBe("id-mismatch");
  });

  test("refuses what is no graph, with all its problems", () => {
    const broken = document([service("a"), service("a")], [runsOn("a", "gone"), dependsOn("a", "a"), runsOn("a", "a")]);
    const result = given([]).when(importing(broken));
    expect(Result.isFailure(result) && result.failure.reason).toBe("invalid-graph");
    expect(Result.isFailure(result) && result.failure.details?.problems).toEqual(atOnce(structuralProblems(broken)));
    expect(atOnce(structuralProblems(broken)).map(({ code }) => code)).toEqual([
      "duplicate-id",
      "missing-node",
      "invalid-edge",
    ]);
  });

  test.each(exampleNames)("of the example %s again changes nothing", (name) => {
    const events = imported(example(name));
    expect(given(events).when(importing(example(name)), { aggregateId: name })).toEqual(Result.succeed([]));
  });

  test("leads to the document from any graph, by events of which every prefix is a graph", () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (before, after) => {
        const first = imported(before);
        const second = Result.getOrThrow(given(first).when(importing(after)));
        const all = [...first, ...second];
        expect(canonicalGraph(documentOf("shop", known(all)))).toBe(canonicalGraph(after));
        expect(given(all).when(importing(documentOf("shop", known(all))))).toEqual(Result.succeed([]));
        for (let length = 1; length <= all.length; length++)
          expect(atOnce(structuralProblems(documentOf("shop", known(all.slice(0, length)))))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("nodes", () => {
  test("can be added", () => {
    const node = service("api");
    expect(given(history).when({ type: "add-node", payload: { node } })).toEqual(
      Result.succeed([{ type: "node-added", data: { node } }]),
    );
  });

  test("cannot be added twice", () => {
    expect(given(history).refuses({ type: "add-node", payload: { node: service("web") } })).toBe("duplicate-id");
  });

  test("can be updated field by field, null removes one", () => {
    const changes = { port: 8080, healthCheck: null };
    expect(given(history).when({ type: "update-node", payload: { id: "web", changes } })).toEqual(
      Result.succeed([
        { type: "node-updated", data: { node: { id: "web", type: "service", command: "/bin/serve", port: 8080 } } },
      ]),
    );
  });

  test("stay as they are by changes that change nothing", () => {
    const changes = { command: "/bin/serve", port: null, id: "web", type: "service" };
    expect(given(history).when({ type: "update-node", payload: { id: "web", changes } })).toEqual(Result.succeed([]));
  });

  test.each([
    ["its id", { id: "shop" }],
    ["its type", { type: "database" }],
    ["a required field to nothing", { command: null }],
    ["a field to a wrong value", { port: 0 }],
    ["a field that there is not", { prot: 80 }],
    ["what objects inherit", JSON.parse('{"__proto__": {"port": 80}}')],
  ])("cannot change %s", (_, changes) => {
    expect(given(history).refuses({ type: "update-node", payload: { id: "web", changes } })).toBe("invalid-change");
  });

  test("take their edges with them", () => {
    expect(given(history).when({ type: "remove-node", payload: { id: "web" } })).toEqual(
      Result.succeed([
        { type: "edge-disconnected", data: { id: "web/depends-on/db" } },
        { type: "edge-disconnected", data: { id: "web/runs-on/leaf" } },
        { type: "node-removed", data: { id: "web" } },
      ]),
    );
  });

  test("that are not there cannot be updated or removed", () => {
    expect(given(history).refuses({ type: "update-node", payload: { id: "api", changes: {} } })).toBe("unknown-node");
    expect(given(history).refuses({ type: "remove-node", payload: { id: "api" } })).toBe("unknown-node");
  });
});

describe("edges", () => {
  test("can be connected", () => {
    expect(given(history).when({ type: "connect", payload: { edge: runsOn("db", "leaf") } })).toEqual(
      Result.succeed([{ type: "edge-connected", data: { edge: { ...runsOn("db", "leaf"), id: "db/runs-on/leaf" } } }]),
    );
  });

  test.each([
    ["duplicate-id", runsOn("web", "leaf")],
    ["duplicate-id", dependsOn("db", "web", { id: "web/runs-on/leaf" })],
    ["missing-node", runsOn("web", "gone")],
    ["invalid-edge", runsOn("web", "db")],
  ])("are refused: %s", (reason, edge) => {
    expect(given(history).refuses({ type: "connect", payload: { edge } })).toBe(reason);
  });

  const removed = Result.succeed([{ type: "edge-disconnected", data: { id: "web/depends-on/db" } }]);

  test("can be disconnected by identity and by ends", () => {
    expect(given(history).when({ type: "disconnect", payload: { id: "web/depends-on/db" } })).toEqual(removed);
    expect(given(history).when({ type: "disconnect", payload: { from: "web", type: "depends-on", to: "db" } })).toEqual(
      removed,
    );
  });

  test("that are not there cannot be disconnected", () => {
    expect(given(history).refuses({ type: "disconnect", payload: { id: "web/depends-on/leaf" } })).toBe("unknown-edge");
    expect(given(history).refuses({ type: "disconnect", payload: { from: "db", type: "depends-on", to: "web" } })).toBe(
      "unknown-edge",
    );
  });

  test("must be named where there are several between two nodes", () => {
    const events = imported({ ...start, edges: [dependsOn("web", "db"), dependsOn("web", "db", { id: "also" })] });
    expect(given(events).refuses({ type: "disconnect", payload: { from: "web", type: "depends-on", to: "db" } })).toBe(
      "ambiguous-edge",
    );
  });
});

describe("a graph", () => {
  test("must exist for every command but import", () => {
    expect(given([]).refuses({ type: "add-node", payload: { node: service("web") } })).toBe("not-found");
    expect(given([]).refuses({ type: "archive", payload: {} })).toBe("not-found");
  });

  test("can be archived; again changes nothing", () => {
    expect(given(history).when({ type: "archive", payload: {} })).toEqual(
      Result.succeed([{ type: "graph-archived", data: {} }]),
    );
    expect(given(archived).when({ type: "archive", payload: {} })).toEqual(Result.succeed([]));
  });

  test("takes no changes when archived", () => {
    expect(given(archived).refuses({ type: "add-node", payload: { node: service("api") } })).toBe("archived");
    expect(given(archived).refuses({ type: "update-node", payload: { id: "web", changes: {} } })).toBe("archived");
    expect(given(archived).refuses({ type: "remove-node", payload: { id: "web" } })).toBe("archived");
    expect(given(archived).refuses({ type: "connect", payload: { edge: runsOn("db", "leaf") } })).toBe("archived");
    expect(given(archived).refuses({ type: "disconnect", payload: { id: "web/runs-on/leaf" } })).toBe("archived");
  });

  test("of ten thousand nodes survives a snapshot", () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => service(`n${index}`));
    const edges = nodes.map(({ id }) => runsOn(id, "leaf"));
    const state = known(imported(document([host("leaf"), ...nodes], edges)));
    const codec = Schema.toCodecJson(graph.state);
    const restored = Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(Schema.encodeSync(codec)(state))));
    if (restored === null) throw new Error("the state is lost");
    expect(canonicalGraph(documentOf("shop", restored))).toBe(canonicalGraph(documentOf("shop", state)));
  });
});

describe("a graph's owner", () => {
  const created = { type: "graph-created", data: {} } as const;
  const share = (principal: string) => ({ type: "share", payload: { with: principal } }) as const;
  const unshare = (principal: string) => ({ type: "unshare", payload: { with: principal } }) as const;
  const transfer = (to: string) => ({ type: "transfer", payload: { to } }) as const;
  const shared = (principal: string) => ({ type: "graph-shared", data: { with: principal } }) as const;
  const transferred = (to: string) => ({ type: "graph-transferred", data: { to } }) as const;
  const relationsOf = (events: ReadonlyArray<GraphEvent>, principal: string) => {
    const asked = { id: "shop", principal, command: { type: "archive", payload: {} } } as const;
    const state = stateAfter(events);
    const { owner, editor } = graph.relations;
    return { owner: owner(state, asked), editor: editor(state, asked) };
  };

  test("is who made it, and shares it", () => {
    expect(relationsOf([created], "someone")).toEqual({ owner: true, editor: false });
    expect(given([created]).when(share("bob"))).toEqual(Result.succeed([shared("bob")]));
    expect(relationsOf([created, shared("bob")], "bob")).toEqual({ owner: false, editor: true });
    expect(relationsOf([created, shared("bob")], "eve")).toEqual({ owner: false, editor: false });
  });
  test("shares it once, and not with the owner", () => {
    expect(given([created, shared("bob")]).when(share("bob"))).toEqual(Result.succeed([]));
    expect(given([created]).when(share("someone"))).toEqual(Result.succeed([]));
  });
  test("ends the sharing", () => {
    const unshared = { type: "graph-unshared", data: { with: "bob" } } as const;
    expect(given([created, shared("bob")]).when(unshare("bob"))).toEqual(Result.succeed([unshared]));
    expect(relationsOf([created, shared("bob"), unshared], "bob").editor).toBe(false);
    expect(given([created]).when(unshare("bob"))).toEqual(Result.succeed([]));
  });
  test("gives it to another one, and is not its owner then", () => {
    expect(given([created, shared("bob")]).when(transfer("bob"))).toEqual(Result.succeed([transferred("bob")]));
    const after = [created, shared("bob"), transferred("bob")];
    expect(relationsOf(after, "bob")).toEqual({ owner: true, editor: false });
    expect(relationsOf(after, "someone")).toEqual({ owner: false, editor: false });
    expect(given(after).when(transfer("bob"))).toEqual(Result.succeed([]));
  });
  test("stays the owner while the graph is archived and imported again", () => {
    expect(given(archived).when(transfer("bob"))).toEqual(Result.succeed([transferred("bob")]));
    expect(given([]).refuses(share("bob"))).toBe("not-found");
  });
  test("shares it with a bounded number of others", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => shared(`p${index}`));
    expect(given([created, ...many]).refuses(share("bob"))).toBe("too-many-editors");
  });
});
