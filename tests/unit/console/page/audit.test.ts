import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { causationRows } from "../../../../src/console/page/pages/audit/causation.ts";
import { differencesOf } from "../../../../src/console/page/pages/audit/differences.ts";
import { cimOf, gist, questionOf } from "../../../../src/console/page/pages/audit/trail.ts";
import type { AuditEvent } from "../../../../src/contract/views/audit.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";

const event = (eventId: string, causationId?: string): AuditEvent => ({
  eventId,
  ...defined({ causationId }),
  aggregate: "graph",
  id: "shop",
  type: "node-added",
  schemaVersion: 1,
  version: 1,
  position: 1,
  time: "2026-11-30T12:00:00.000Z",
  actor: "ann",
  commandId: "c",
  correlationId: "c",
  cid: "b",
  data: {},
});

const shape = (events: ReadonlyArray<AuditEvent>) => causationRows(events).map(({ id, depth }) => `${depth} ${id}`);

describe("the tree of causes", () => {
  test("an event stands below its cause, effects in the order of the log", () =>
    expect(shape([event("a"), event("b", "a"), event("c"), event("d", "b"), event("e", "a")])).toEqual([
      "0 a",
      "1 b",
      "2 d",
      "1 e",
      "0 c",
    ]));

  test("an event whose cause is elsewhere is a root", () => expect(shape([event("b", "a")])).toEqual(["0 b"]));

  test("every event is there once, whatever causes they name", () =>
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 12 }), (causes) => {
        const events = causes.map((cause, index) => event(String(index), String(cause)));
        expect(new Set(causationRows(events).map(({ id }) => id)).size).toBe(events.length);
      }),
    ));

  test("a chain of 50,000 causes is no deeper than memory", () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => event(`${index}`, `${index - 1}`));
    expect(causationRows(chain).at(-1)?.depth).toBe(49_999);
  });
});

describe("differences of two states", () => {
  test("by path, items by their id or key", () =>
    expect(
      differencesOf(
        { status: "voting", nodes: [["web", { id: "web", port: 80 }]], gone: 1 },
        {
          status: "deploying",
          nodes: [
            ["db", { id: "db" }],
            ["web", { id: "web", port: 81 }],
          ],
        },
      ),
    ).toEqual([
      { path: "status", before: "voting", after: "deploying", kind: "changed" },
      { path: "nodes.web.port", before: 80, after: 81, kind: "changed" },
      { path: "nodes.db", after: { id: "db" }, kind: "added" },
      { path: "gone", before: 1, kind: "removed" },
    ]));

  test("equal values have none", () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expect(differencesOf(value, structuredClone(value))).toEqual([])),
    ));

  test("no more than one asks for", () =>
    expect(differencesOf({}, Object.fromEntries(Array.from({ length: 900 }, (_, n) => [n, n])), 20)).toHaveLength(20));
});

describe("what the log is narrowed down to", () => {
  test("empty fields are left out, moments are UTC", () =>
    expect(questionOf({ aggregate: "graph", id: " ", after: "2026-11-30T12:00Z" })).toEqual({
      aggregate: "graph",
      after: "2026-11-30T12:00:00.000Z",
    }));

  test("the command line shows the same", () =>
    expect(cimOf({ aggregate: "graph", actor: "ann" })).toEqual([
      "audit",
      "log",
      "--newest",
      "--aggregate",
      "graph",
      "--actor",
      "ann",
    ]));

  test("data in a line: plain values, the telling ones first", () =>
    expect(gist({ closure: "/nix/store/x", reason: "unhealthy", hosts: ["a"] })).toBe(
      "reason unhealthy · closure /nix/store/x",
    ));

  test("what was added, in a line", () =>
    expect(gist({ edge: { from: "web", type: "runs-on", to: "leaf-1" } })).toBe("from web · type runs-on · to leaf-1"));

  test("a fact in a line: what it says, and its id last", () =>
    expect(gist({ id: "9f2c", record: { kind: "fact", subject: "web", predicate: "runs-on", object: "leaf-1" } })).toBe(
      "subject web · predicate runs-on · object leaf-1 · kind fact",
    ));
});
