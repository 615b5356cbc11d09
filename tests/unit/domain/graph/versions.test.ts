import { describe, expect, test } from "@jest/globals";
import type { RecordedGraphEvent } from "../../../../src/domain/graph/contract.ts";
import { commitLines, missingVersion } from "../../../../src/domain/graph/versions.ts";
import { host, service } from "./fixtures.ts";

describe("a version that cannot be named", () => {
  test.each([
    [{ is: "version-not-found", newest: 9 }, "graph `shop` has no version 12; its newest is 9"],
    [
      { is: "version-inside-commit", ends: { before: 9, after: 14 } },
      "graph `shop`: version 12 lies within the change of version 9 to 14 and was never a state of the graph: name 9 or 14",
    ],
    [
      { is: "version-inside-commit", ends: { after: 14 } },
      "graph `shop`: version 12 lies within its first change and was never a state of the graph: name 14",
    ],
  ] as const)("is refused: %j", (missing, message) => {
    expect(missingVersion("shop", 12, missing)).toMatchObject({ reason: missing.is, message });
  });
});

describe("what a commit changed, in a line", () => {
  let version = 0;
  const event = (one: Pick<RecordedGraphEvent, "type" | "data">): RecordedGraphEvent => {
    version += 1;
    return {
      ...one,
      eventId: `graph.shop.${version}`,
      aggregate: "graph",
      id: "shop",
      schemaVersion: 1,
      version,
      position: version,
      lastOfCommit: true,
      time: "2026-01-01T00:00:00.000Z",
      actor: "ada",
      commandId: "c",
      correlationId: "c",
      cid: "",
    } as RecordedGraphEvent;
  };
  const added = (node: ReturnType<typeof host>) => event({ type: "node-added", data: { node } });

  test("names its first change and counts the others", () => {
    const lineOf = commitLines();
    const created = event({ type: "graph-created", data: {} });
    expect(lineOf([created, added(host("leaf-1")), added(host("leaf-2"))])).toBe(
      "creates the graph and 2 more changes",
    );
    expect(lineOf([event({ type: "node-added", data: { node: service("web") } })])).toBe("adds service `web`");
    const changed = service("web", { port: 81 });
    expect(lineOf([event({ type: "node-updated", data: { node: changed } })])).toBe("`web`: `port` is 81");
    expect(lineOf([event({ type: "graph-archived", data: {} })])).toBe("archives it");
  });

  test("has at most 200 characters", () => {
    const described = event({ type: "graph-described", data: { description: "x".repeat(1_000) } });
    const line = commitLines()([described, added(host("leaf-1"))]);
    expect([...line]).toHaveLength(200);
    expect(line).toMatch(/^describes it: x+… and 1 more change$/);
  });
});
