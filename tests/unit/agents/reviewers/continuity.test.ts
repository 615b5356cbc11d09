import { describe, expect, test } from "@jest/globals";
import {
  noBackup,
  noStandby,
  retentionWithoutPersistence,
  standbyBesidePrimary,
  volatileDatabase,
} from "../../../../src/agents/reviewers/continuity.ts";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { database, dependsOn, found, host, runsOn, service } from "./graphs.ts";

const replicates = (from: string, to: string): Edge => ({ from, to, type: "replicates" });

describe("backups", () => {
  test("are missing where a persistent database has none, and mended by a schedule", () => {
    expect(found(noBackup, [database("db")])).toMatchObject([
      { severity: "warning", changes: [{ type: "update-node", id: "db", changes: { backupSchedule: "0 3 * * *" } }] },
    ]);
  });
  test.each(["mysql", "mongodb", "redis", "sqlite"] as const)("of %s are mended alike", (engine) => {
    expect(found(noBackup, [database("db", { engine })])).toMatchObject([{ changes: [{ type: "update-node" }] }]);
  });
  test("are not missing where there are some, or nothing is kept", () => {
    const nodes = [database("a", { backupSchedule: "0 1 * * *" }), database("b", { persistent: false })];
    expect(found(noBackup, nodes)).toEqual([]);
  });
  test("of a standby are its primary's", () => {
    expect(
      found(noBackup, [database("db", { backupSchedule: "0 1 * * *" }), database("sb")], [replicates("sb", "db")]),
    ).toEqual([]);
  });
});

describe("a standby", () => {
  const nodes = [database("db"), database("sb"), service("a"), service("b")];
  const used = [dependsOn("a", "db"), dependsOn("b", "db")];
  test("is missing where several need the database", () => {
    expect(found(noStandby, nodes, used)).toMatchObject([{ severity: "note", nodes: ["db"] }]);
  });
  test("is not missing where there is one, or only one node needs the database", () => {
    expect(found(noStandby, nodes, [...used, replicates("sb", "db")])).toEqual([]);
    expect(found(noStandby, nodes, used.slice(1))).toEqual([]);
  });
  test("on its primary's host fails with it", () => {
    const hosts = [host("h1"), host("h2"), ...nodes];
    const edges = [replicates("sb", "db"), runsOn("db", "h1")];
    expect(found(standbyBesidePrimary, hosts, [...edges, runsOn("sb", "h1")])).toMatchObject([
      { severity: "warning", nodes: ["sb", "db", "h1"] },
    ]);
    expect(found(standbyBesidePrimary, hosts, [...edges, runsOn("sb", "h2")])).toEqual([]);
  });
});

test("a database that keeps nothing is told of where somebody needs it", () => {
  const nodes = [database("cache", { persistent: false }), service("a")];
  expect(found(volatileDatabase, nodes, [dependsOn("a", "cache")])).toMatchObject([{ severity: "note" }]);
  expect(found(volatileDatabase, nodes)).toEqual([]);
});

describe("a bus", () => {
  const bus = (more: Partial<Extract<Node, { type: "message-bus" }>>): Node => ({
    id: "bus",
    type: "message-bus",
    engine: "nats",
    ...more,
  });
  test("that shall retain messages and keeps none is mended", () => {
    expect(found(retentionWithoutPersistence, [bus({ topics: [{ name: "t", retentionHours: 1 }] })])).toMatchObject([
      { severity: "warning", changes: [{ type: "update-node", id: "bus", changes: { persistence: true } }] },
    ]);
  });
  test("that is persistent, or shall retain nothing, is well", () => {
    expect(
      found(retentionWithoutPersistence, [bus({ persistence: true, topics: [{ name: "t", retentionHours: 1 }] })]),
    ).toEqual([]);
    expect(found(retentionWithoutPersistence, [bus({ topics: [{ name: "t" }] })])).toEqual([]);
    expect(
      found(retentionWithoutPersistence, [bus({ engine: "kafka", topics: [{ name: "t", retentionHours: 1 }] })]),
    ).toEqual([]);
  });
});
