import { describe, expect, test } from "@jest/globals";
import {
  connectionWithoutDependency,
  dependencyDepth,
  noHealthCheck,
  singlePointOfFailure,
  unreachableBus,
} from "../../../../src/agents/reviewers/architecture.ts";
import { connectsTo, database, dependsOn, found, host, runsOn, service } from "./graphs.ts";

describe("a single point of failure", () => {
  const nodes = [host("h1"), host("h2"), database("db"), service("a"), service("b")];
  const placed = [runsOn("db", "h1"), runsOn("a", "h1"), runsOn("b", "h2")];

  test("is what two others need and only one host runs", () => {
    expect(found(singlePointOfFailure, nodes, [...placed, dependsOn("a", "db"), connectsTo("b", "db")])).toMatchObject([
      { rule: "architecture/single-point-of-failure", severity: "note", nodes: ["db", "h1"] },
    ]);
  });
  test("is not what one other needs, twice", () => {
    expect(found(singlePointOfFailure, nodes, [...placed, dependsOn("a", "db"), connectsTo("a", "db")])).toEqual([]);
  });
  test("is not what can be done without", () => {
    expect(found(singlePointOfFailure, nodes, [...placed, dependsOn("a", "db"), dependsOn("b", "db", false)])).toEqual(
      [],
    );
  });
  test("is not what runs on two hosts", () => {
    const edges = [...placed, runsOn("db", "h2"), dependsOn("a", "db"), dependsOn("b", "db")];
    expect(found(singlePointOfFailure, nodes, edges)).toEqual([]);
  });
  test("is not what has a standby", () => {
    const edges = [
      ...placed,
      dependsOn("a", "db"),
      dependsOn("b", "db"),
      { from: "sb", to: "db", type: "replicates" } as const,
    ];
    expect(found(singlePointOfFailure, [...nodes, database("sb")], [...edges, runsOn("sb", "h2")])).toEqual([]);
  });
  test("cannot be avoided with one host", () => {
    const edges = [dependsOn("a", "db"), dependsOn("b", "db")];
    expect(found(singlePointOfFailure, [host("h1"), database("db"), service("a"), service("b")], edges)).toEqual([]);
  });
});

describe("a missing health check", () => {
  test("is mended by looking at the port", () => {
    expect(found(noHealthCheck, [service("a", { port: 80 })])).toMatchObject([
      { severity: "warning", changes: [{ type: "update-node", id: "a", changes: { healthCheck: { kind: "tcp" } } }] },
    ]);
  });
  test("cannot be mended without a port", () => {
    const [finding] = found(noHealthCheck, [service("a")]);
    expect(finding).toMatchObject({ severity: "warning", nodes: ["a"] });
    expect(finding).not.toHaveProperty("changes");
  });
  test("is not found where there is one", () => {
    expect(found(noHealthCheck, [service("a", { healthCheck: { kind: "exec", command: "true" } })])).toEqual([]);
  });
});

describe("a chain of dependencies", () => {
  const chain = (length: number) => {
    const ids = Array.from({ length }, (_, index) => `n${index}`);
    return [ids.map((id) => service(id)), ids.slice(1).map((id, index) => dependsOn(`n${index}`, id))] as const;
  };
  test("of six is too long, and named in order", () => {
    expect(found(dependencyDepth, ...chain(6))).toMatchObject([{ nodes: ["n0", "n1", "n2", "n3", "n4", "n5"] }]);
  });
  test("of five is not", () => {
    expect(found(dependencyDepth, ...chain(5))).toEqual([]);
  });
});

test("a connection without a dependency is told once for each pair, and not where there is one", () => {
  const nodes = [service("a"), service("b"), database("db")];
  const edges = [
    connectsTo("a", "db"),
    connectsTo("a", "db", { port: 1 }),
    connectsTo("b", "db"),
    dependsOn("b", "db", false),
  ];
  expect(found(connectionWithoutDependency, nodes, edges)).toMatchObject([{ severity: "note", nodes: ["a", "db"] }]);
});

describe("a bus on another host", () => {
  const bus = { id: "bus", type: "message-bus", engine: "nats" } as const;
  const nodes = [host("h1"), host("h2"), service("a"), bus];
  const apart = [runsOn("a", "h1"), runsOn("bus", "h2")];
  const publishes = { from: "a", to: "bus", type: "publishes-to", topic: "orders" } as const;
  const subscribes = { from: "a", to: "bus", type: "subscribes-to", topic: "orders" } as const;

  test("is out of reach without a connection, which mends it", () => {
    expect(found(unreachableBus, nodes, [...apart, publishes, subscribes])).toMatchObject([
      {
        severity: "warning",
        nodes: ["a", "bus"],
        changes: [{ type: "connect", edge: { from: "a", to: "bus", type: "connects-to", protocol: "nats" } }],
      },
    ]);
  });
  test("is within reach with a connection, or on the same host", () => {
    expect(found(unreachableBus, nodes, [...apart, publishes, connectsTo("a", "bus")])).toEqual([]);
    expect(found(unreachableBus, nodes, [runsOn("a", "h1"), runsOn("bus", "h1"), publishes])).toEqual([]);
  });
});
