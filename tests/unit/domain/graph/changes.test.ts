import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { canonicalGraph, normalForm } from "../../../../src/domain/graph/canonical.ts";
import { applyChanges, diff } from "../../../../src/domain/graph/changes.ts";
import { anyDocument, database, dependsOn, document, host, runsOn, service } from "./fixtures.ts";

describe("canonicalGraph", () => {
  test("is the same text with and without implied ids, in any order", () => {
    const nodes = [service("a"), service("b"), host("h")];
    const edges = [dependsOn("a", "b"), runsOn("a", "h")];
    const other = document(nodes.toReversed(), [runsOn("a", "h"), dependsOn("a", "b", { id: "a/depends-on/b" })]);
    expect(canonicalGraph(other)).toBe(canonicalGraph(document(nodes, edges)));
  });

  test("differs where an edge has an id of its own", () => {
    const nodes = [service("a"), service("b")];
    expect(canonicalGraph(document(nodes, [dependsOn("a", "b", { id: "x" })]))).not.toBe(
      canonicalGraph(document(nodes, [dependsOn("a", "b")])),
    );
  });
});

describe("changes", () => {
  test("are what differs, and no more", () => {
    const from = document(
      [host("h"), service("a", { port: 80 }), database("db")],
      [runsOn("a", "h"), dependsOn("a", "db")],
    );
    const to = document(
      [host("h"), service("a", { user: "web" }), service("b")],
      [runsOn("a", "h"), dependsOn("a", "b")],
    );
    expect(diff(from, to)).toEqual([
      { type: "disconnect", id: "a/depends-on/db" },
      { type: "remove-node", id: "db" },
      { type: "update-node", id: "a", changes: { port: null, user: "web" } },
      { type: "add-node", node: service("b") },
      { type: "connect", edge: dependsOn("a", "b") },
    ]);
  });

  test("applied to the one graph give the other", () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (from, to) => {
        const { description: _, ...rest } = to;
        const expected = from.description === undefined ? rest : { ...rest, description: from.description };
        expect(applyChanges(from, diff(from, to))).toEqual(Result.succeed(normalForm(expected)));
        expect(diff(from, from)).toEqual([]);
      }),
    );
  });

  test("are refused as a whole by the rules of commands", () => {
    const result = applyChanges(document([service("a")]), [
      { type: "add-node", node: service("b") },
      { type: "connect", edge: dependsOn("b", "c") },
    ]);
    expect(Result.isFailure(result) && result.failure.reason).toBe("missing-node");
  });
});
