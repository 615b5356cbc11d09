import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { planDeployment, planWaves } from "../../../../src/domain/deployment/plan.ts";
import { wavesOf } from "../../../../src/domain/deployment/waves.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type { Node } from "../../../../src/domain/graph/node.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";

const host = (id: string): Node => ({ id, type: "host", system: "x86_64-linux", address: `${id}.example` });
const service = (id: string, more: Partial<Extract<Node, { type: "service" }>> = {}): Node => ({
  id,
  type: "service",
  command: `/bin/${id}`,
  ...more,
});
const runsOn = (from: string, to: string): Edge => ({ from, to, type: "runs-on" });
const dependsOn = (from: string, to: string, required?: boolean): Edge => ({
  from,
  to,
  type: "depends-on",
  ...defined({ required }),
});
const graph = (nodes: ReadonlyArray<Node>, edges: ReadonlyArray<Edge>): GraphDocument => ({ id: "g", nodes, edges });
const hostsIn = (document: GraphDocument) => planWaves(document).map((wave) => wave.map(({ host: id }) => id));

describe("waves", () => {
  const three = [host("a"), host("b"), host("c"), service("x"), service("y"), service("z")];
  const placed = [runsOn("x", "a"), runsOn("y", "b"), runsOn("z", "c")];

  test("a host comes after those whose nodes its own depend on", () => {
    expect(hostsIn(graph(three, [...placed, dependsOn("x", "y"), dependsOn("y", "z")]))).toEqual([["c"], ["b"], ["a"]]);
  });
  test("hosts that owe each other nothing share the first wave, with those without nodes", () => {
    expect(hostsIn(graph([...three, host("d")], [...placed, dependsOn("x", "y")]))).toEqual([["b", "c", "d"], ["a"]]);
  });
  test("hosts that depend on each other share a wave", () => {
    const nodes = [...three, service("w")];
    const mutual = [...placed, runsOn("w", "b"), dependsOn("x", "y"), dependsOn("w", "x"), dependsOn("z", "x")];
    expect(hostsIn(graph(nodes, mutual))).toEqual([["a", "b"], ["c"]]);
  });
  test("every replica waits for every replica of what it depends on", () => {
    const edges = [runsOn("x", "a"), runsOn("x", "b"), runsOn("y", "c"), dependsOn("x", "y")];
    expect(hostsIn(graph(three, edges))).toEqual([["c"], ["a", "b"]]);
  });
  test("a dependency that is not required orders hosts, unless that would contradict one that is", () => {
    expect(hostsIn(graph(three, [...placed, dependsOn("x", "y", false)]))).toEqual([["b", "c"], ["a"]]);
    const both = [...placed, dependsOn("x", "y"), dependsOn("y", "x", false)];
    expect(hostsIn(graph(three, both))).toEqual([["b", "c"], ["a"]]);
  });
  test("in a graph with one host everything runs there", () => {
    expect(hostsIn(graph([host("a"), service("x"), service("y")], [dependsOn("x", "y")]))).toEqual([["a"]]);
  });
  test("name the nodes of each host, and the units that are their programs", () => {
    const cache: Node = {
      id: "cache",
      type: "database",
      engine: "redis",
      databases: ["0"],
      backupSchedule: "0 3 * * *",
    };
    const watcher: Node = { id: "watcher", type: "monitoring", dashboards: true, logs: true };
    const [wave] = planDeployment(graph([host("a"), service("sshd"), cache, watcher], []));
    expect(wave?.[0]?.nodes).toEqual([
      { node: "cache", units: ["redis-cache.service"] },
      { node: "sshd", units: ["node-sshd.service"] },
      { node: "watcher", units: ["prometheus.service", "grafana.service", "loki.service"] },
    ]);
  });
  test("do not depend on how the graph was written", () => {
    const edges = [...placed, dependsOn("x", "y", false), dependsOn("y", "z", false), dependsOn("z", "x", false)];
    expect(hostsIn(graph([...three].reverse(), [...edges].reverse()))).toEqual(hostsIn(graph(three, edges)));
  });

  const ids = Array.from({ length: 8 }, (_, index) => `h${index}`);
  const dependency = fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) });
  test("keep every host once, and every required order that is no cycle", () => {
    fc.assert(
      fc.property(
        fc.array(dependency, { maxLength: 14 }),
        fc.array(dependency, { maxLength: 8 }),
        (required, wished) => {
          const waves = wavesOf(ids, required, wished);
          expect(waves.flat().toSorted()).toEqual(ids);
          const waveOf = (id: string) => waves.findIndex((wave) => wave.includes(id));
          const reaches = (from: string, to: string) => {
            const seen = new Set([from]);
            for (const at of seen) for (const edge of required) if (edge.from === at) seen.add(edge.to);
            return seen.has(to);
          };
          for (const { from, to } of required) {
            if (reaches(to, from)) expect(waveOf(from)).toBe(waveOf(to));
            else expect(waveOf(from)).toBeGreaterThan(waveOf(to));
          }
        },
      ),
    );
  });

  test("a chain of ten thousand hosts is no problem", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `h${index}`);
    const chain = many.slice(1).map((from, index) => ({ from, to: `h${index}` }));
    expect(wavesOf(many, chain, [])).toHaveLength(10_000);
  });
});

describe("checks", () => {
  const checksOf = (...nodes: ReadonlyArray<Node>) => planWaves(graph([host("a"), ...nodes], []))[0]?.[0]?.checks;
  const defaults = { intervalSeconds: 2, timeoutSeconds: 5, retries: 10 };

  test("are what services declare", () => {
    const numbers = { intervalSeconds: 1, timeoutSeconds: 3, retries: 0 };
    const http = service("x", { port: 80, healthCheck: { kind: "http", path: "/up", ...numbers } });
    expect(checksOf(http)).toEqual([{ node: "x", kind: "http", port: 80, path: "/up", ...numbers }]);
    const exec = service("y", { healthCheck: { kind: "exec", command: "true" } });
    expect(checksOf(exec)).toEqual([{ node: "y", kind: "exec", command: "true", ...defaults }]);
    const steady = { kind: "unit", ...defaults, retries: 2 };
    expect(checksOf(service("z"))).toEqual([{ node: "z", unit: "z.service", ...steady }]);
    expect(checksOf(service("redis"))).toEqual([{ node: "redis", unit: "node-redis.service", ...steady }]);
  });
  test("are the ports of databases and buses", () => {
    const database: Node = { id: "db", type: "database", engine: "postgresql", port: 5433 };
    const bus: Node = { id: "bus", type: "message-bus", engine: "nats" };
    expect(checksOf(database, bus)).toEqual([
      { node: "bus", kind: "tcp", port: 4222, ...defaults },
      { node: "db", kind: "tcp", port: 5433, ...defaults },
    ]);
  });
  test("are the port of a load balancer, and what Prometheus says of itself", () => {
    const balancer: Node = { id: "front", type: "load-balancer", strategy: "random", port: 443 };
    expect(checksOf(balancer, { id: "watch", type: "monitoring" })).toEqual([
      { node: "front", kind: "tcp", port: 443, ...defaults },
      { node: "watch", kind: "http", port: 9090, path: "/-/ready", ...defaults },
    ]);
  });
  test("that nothing is known for are left out", () => {
    expect(checksOf(service("x", { healthCheck: { kind: "http" } }))).toEqual([]);
    expect(checksOf({ id: "lite", type: "database", engine: "sqlite" })).toEqual([]);
  });
});
