import { describe, expect, test } from "@jest/globals";
import {
  hostNearlyFull,
  replicasOnOneHost,
  unknownCapacity,
  unlimited,
} from "../../../../src/agents/reviewers/capacity.ts";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { found, host, runsOn, service } from "./graphs.ts";

describe("a host", () => {
  const asking = (memoryMb: number) => [
    host("h", { memoryMb: 1000 }),
    service("a", { resources: { memoryMb } }),
    service("b", { resources: { memoryMb: 400 } }),
  ];
  test("of which more than four fifths are asked for is nearly full", () => {
    expect(found(hostNearlyFull, asking(401))).toMatchObject([{ severity: "warning", nodes: ["h"] }]);
  });
  test("of which four fifths are asked for is not", () => {
    expect(found(hostNearlyFull, asking(400))).toEqual([]);
  });
  test("that does not say what it has is told of, and never nearly full", () => {
    const nodes = [host("h"), service("a", { resources: { memoryMb: 1e9 } })];
    expect(found(hostNearlyFull, nodes)).toEqual([]);
    expect(found(unknownCapacity, nodes)).toMatchObject([{ severity: "note", nodes: ["h"] }]);
    expect(found(unknownCapacity, [host("h", {})])).toEqual([]);
  });
});

test("a node without resources may crowd out its neighbours, if it has any", () => {
  const h = host("h", { cpuCores: 1 });
  const limited = service("a", { resources: { cpuCores: 1 } });
  expect(found(unlimited, [h, limited, service("b")])).toMatchObject([{ severity: "note", nodes: ["b", "h"] }]);
  expect(found(unlimited, [h, service("b")])).toEqual([]);
  expect(found(unlimited, [h, limited])).toEqual([]);
});

describe("replicas on one host", () => {
  const front: Node = { id: "front", type: "load-balancer", strategy: "random", port: 80 };
  const nodes = [host("h1"), host("h2"), front, service("a"), service("b")];
  const edges: ReadonlyArray<Edge> = [
    { from: "front", to: "a", type: "load-balances" },
    { from: "front", to: "b", type: "load-balances" },
    runsOn("front", "h2"),
    runsOn("a", "h1"),
  ];
  test("are found", () => {
    expect(found(replicasOnOneHost, nodes, [...edges, runsOn("b", "h1")])).toMatchObject([{ severity: "warning" }]);
  });
  test("are not, where one is elsewhere", () => {
    expect(found(replicasOnOneHost, nodes, [...edges, runsOn("b", "h2")])).toEqual([]);
  });
  test("are not, where there is no other host", () => {
    expect(found(replicasOnOneHost, [host("h1"), front, service("a")], edges.slice(0, 1))).toEqual([]);
  });
});
