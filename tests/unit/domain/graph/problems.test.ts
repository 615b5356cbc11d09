import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import type { Edge, MountsVolumeEdge } from "../../../../src/domain/graph/edge.ts";
import type { MonitoringNode } from "../../../../src/domain/graph/node.ts";
import { errorCodes, warningCodes } from "../../../../src/domain/graph/problem.ts";
import { findProblems } from "../../../../src/domain/graph/problems.ts";
import {
  anyDocument,
  balancer,
  bus,
  database,
  dependsOn,
  document,
  exampleJson,
  exampleNames,
  host,
  runsOn,
  service,
  storage,
} from "./fixtures.ts";

const codes = (input: unknown) => findProblems(input).map(({ code }) => code);
const only = (code: string, input: unknown) => findProblems(input).filter((problem) => problem.code === code);

const leaf = host("leaf-1");
const two = [host("leaf-1"), host("leaf-2")];
const mounts = (from: string, to: string, readOnly = false): MountsVolumeEdge => ({
  from,
  to,
  type: "mounts-volume",
  readOnly,
});
const replicates = (from: string, to: string): Edge => ({ from, to, type: "replicates" });
const balances = (from: string, to: string): Edge => ({ from, to, type: "load-balances" });
const connects = (from: string, to: string): Edge => ({ from, to, type: "connects-to", protocol: "tcp" });
const publishes = (from: string, to: string, topic: string): Edge => ({ from, to, type: "publishes-to", topic });
const reads = (from: string, to: string, consumerGroup: string): Edge => ({
  from,
  to,
  type: "subscribes-to",
  topic: "t",
  consumerGroup,
});
const runOn = [runsOn("web", "leaf-1"), runsOn("worker", "leaf-2")];
const monitors = (from: string, to: string): Edge => ({ from, to, type: "monitors" });
const eye = (fields: Partial<MonitoringNode> = {}): MonitoringNode => ({ id: "eye", type: "monitoring", ...fields });
const dialling = (...ports: ReadonlyArray<number>) => ports.map((port) => ({ url: `nats-leaf://leaf-1:${port}` }));
const flow = (from: string, to: string): Edge => ({ from, to, type: "data-flow" });

/** For each code: a document that has it with the nodes it names, and the near miss that does not. */
const digest = `sha256-${"0".repeat(64)}`;

const cases: ReadonlyArray<
  readonly [(typeof errorCodes | typeof warningCodes)[number], string, unknown, ReadonlyArray<string>, GraphDocument]
> = [
  [
    "invalid-config",
    "a port that is none",
    document([leaf, service("web", { port: 65536 })]),
    ["web"],
    document([leaf, service("web", { port: 65535 })]),
  ],
  [
    "invalid-config",
    "a connection to another host where nobody names a port",
    document([...two, service("web"), service("worker")], [...runOn, connects("web", "worker")]),
    ["web", "worker"],
    document([...two, service("web"), service("worker", { port: 1 })], [...runOn, connects("web", "worker")]),
  ],
  [
    "invalid-config",
    "a connection to a SQLite database on another host",
    document([...two, service("web"), database("worker", { engine: "sqlite" })], [...runOn, connects("web", "worker")]),
    ["web", "worker"],
    document([leaf, service("web"), database("worker", { engine: "sqlite" })], [connects("web", "worker")]),
  ],
  [
    "invalid-config",
    "a topic that its bus cannot have",
    document([leaf, bus("bus", { topics: [{ name: "two words" }] })]),
    ["bus"],
    document([leaf, bus("bus", { topics: [{ name: "two.words" }] })]),
  ],
  [
    "invalid-config",
    "an edge to a topic that the bus cannot have",
    document([leaf, service("web"), bus("bus", { engine: "kafka" })], [publishes("web", "bus", "a/b")]),
    ["web", "bus"],
    document([leaf, service("web"), bus("bus", { engine: "redis" })], [publishes("web", "bus", "a/b")]),
  ],
  [
    "invalid-config",
    "topics of a persistent NATS bus that have subjects in common",
    document([leaf, bus("bus", { persistence: true, topics: [{ name: "a.*" }, { name: "a.b" }] })]),
    ["bus"],
    document([
      leaf,
      bus("bus", { persistence: true, topics: [{ name: "a.*" }, { name: "a" }, { name: "a.b.c" }] }),
      bus("fast", { topics: [{ name: "a.*" }, { name: "a.b" }] }),
    ]),
  ],
  [
    "invalid-config",
    "a RabbitMQ topic that is called like the server's own",
    document([leaf, bus("bus", { engine: "rabbitmq", topics: [{ name: "amq.topic" }] })]),
    ["bus"],
    document([leaf, bus("bus", { engine: "rabbitmq", topics: [{ name: "amq" }] })]),
  ],
  ...(
    [
      ["nats", "two words", "two-words"],
      ["kafka", "*", "all of them"],
      ["rabbitmq", "ü".repeat(127), "u".repeat(127)],
    ] as const
  ).map(
    ([engine, bad, good]) =>
      [
        "invalid-config",
        `a consumer group that ${engine} cannot have`,
        document([leaf, service("web"), bus("bus", { engine })], [reads("web", "bus", bad)]),
        ["web", "bus"],
        document([leaf, service("web"), bus("bus", { engine })], [reads("web", "bus", good)]),
      ] as const,
  ),
  ...["/", "//", "/.", "/etc", "/nix/store/", "//run//x", "/srv/../data", "/.."].map(
    (mountPath) =>
      [
        "invalid-config",
        `a volume at ${mountPath}`,
        document([leaf, storage("disk", { mountPath })]),
        ["disk"],
        document([leaf, storage("disk", { mountPath: "/srv/etc/..." }), storage("nixes", { mountPath: "/nixes" })]),
      ] as const,
  ),
  [
    "invalid-config",
    "an edge that mounts a volume in a folder of the system",
    document([leaf, service("web"), storage("disk")], [{ ...mounts("web", "disk"), mountPath: "/dev/disk" }]),
    ["web", "disk"],
    document([leaf, service("web"), storage("disk")], [{ ...mounts("web", "disk"), mountPath: "/data/below" }]),
  ],
  [
    "invalid-edge",
    "a standby of another engine",
    document([...two, database("a"), database("b", { engine: "mysql" })], [replicates("a", "b")]),
    ["a", "b"],
    document([...two, database("a"), database("b")], [replicates("a", "b")]),
  ],
  [
    "invalid-edge",
    "a standby of a file",
    document(
      [...two, database("a", { engine: "sqlite" }), database("b", { engine: "sqlite" })],
      [replicates("a", "b")],
    ),
    ["a", "b"],
    document([...two, database("a", { engine: "redis" }), database("b", { engine: "redis" })], [replicates("a", "b")]),
  ],
  [
    "invalid-edge",
    "a standby of two primaries",
    document([database("a"), database("b"), database("c")], [replicates("a", "b"), replicates("a", "c")]),
    ["a", "c"],
    document([database("a"), database("b"), database("c")], [replicates("a", "b"), replicates("b", "c")]),
  ],
  [
    "invalid-edge",
    "databases that replicate each other",
    document(
      [database("a"), database("b"), database("c")],
      [replicates("a", "b"), replicates("b", "c"), replicates("c", "b")],
    ),
    ["b", "c"],
    document([database("a"), database("b"), database("c")], [replicates("a", "b"), replicates("c", "b")]),
  ],
  [
    "storage-conflict",
    "two volumes at one path of a host",
    document(
      [leaf, service("web"), storage("x"), storage("y", { mountPath: "/./data//" })],
      [mounts("web", "x"), mounts("web", "y")],
    ),
    ["x", "y"],
    document(
      [leaf, service("web"), storage("x"), storage("y", { mountPath: "/else" })],
      [mounts("web", "x"), mounts("web", "y")],
    ),
  ],
  [
    "storage-conflict",
    "two volumes on one device of a host",
    document(
      [leaf, storage("x", { device: "/dev/vdb" }), storage("y", { device: "/dev/vdb", mountPath: "/else" })],
      [runsOn("x", "leaf-1"), runsOn("y", "leaf-1")],
    ),
    ["x", "y"],
    document(
      [leaf, storage("x", { device: "/dev/vdb1" }), storage("y", { device: "/dev/vdb2", mountPath: "/else" })],
      [runsOn("x", "leaf-1"), runsOn("y", "leaf-1")],
    ),
  ],
  [
    "storage-conflict",
    "a volume on the disk of the root file system",
    document(
      [host("leaf-1", { rootDevice: "/dev/nvme0n1p2" }), storage("x", { device: "/dev/nvme0n1" })],
      [runsOn("x", "leaf-1")],
    ),
    ["leaf-1", "x"],
    document(
      [host("leaf-1", { rootDevice: "/dev/nvme0n1p2" }), storage("x", { device: "/dev/nvme0n1p3" })],
      [runsOn("x", "leaf-1")],
    ),
  ],
  [
    "invalid-config",
    "a volume that hides people's homes",
    document([leaf, storage("x", { mountPath: "/home" })], [runsOn("x", "leaf-1")]),
    ["x"],
    document([leaf, storage("x", { mountPath: "/home/media" })], [runsOn("x", "leaf-1")]),
  ],
  [
    "single-point-of-failure",
    "a topic that wants more servers than its bus has",
    document([...two, bus("bus", { topics: [{ name: "t", replicationFactor: 2 }] })], [runsOn("bus", "leaf-1")]),
    ["bus"],
    document(
      [...two, bus("bus", { topics: [{ name: "t", replicationFactor: 2 }] })],
      [runsOn("bus", "leaf-1"), runsOn("bus", "leaf-2")],
    ),
  ],
  ["invalid-id", "an id with capitals", document([leaf, service("Web")]), ["Web"], document([leaf, service("w3b")])],
  [
    "invalid-id",
    "an id of 64 characters",
    document([leaf, service("w".repeat(64))]),
    ["w".repeat(64)],
    document([leaf, service("w".repeat(63))]),
  ],
  [
    "duplicate-id",
    "two nodes",
    document([leaf, service("web"), database("web")]),
    ["web"],
    document([leaf, service("web"), database("db")]),
  ],
  [
    "duplicate-id",
    "two edges",
    document([leaf, service("a"), service("b")], [dependsOn("a", "b"), dependsOn("a", "b", { required: false })]),
    [],
    document([leaf, service("a"), service("b")], [dependsOn("a", "b"), dependsOn("a", "b", { id: "again" })]),
  ],
  [
    "missing-node",
    "an edge to nothing",
    document([leaf, service("web")], [dependsOn("web", "db")]),
    ["db"],
    document([leaf, service("web"), database("db")], [dependsOn("web", "db")]),
  ],
  [
    "invalid-edge",
    "a dependency on a host",
    document([leaf, service("web")], [dependsOn("web", "leaf-1")]),
    ["web", "leaf-1"],
    document([leaf, service("web")], [flow("web", "leaf-1")]),
  ],
  [
    "invalid-edge",
    "a standby of itself",
    document([leaf, database("db")], [replicates("db", "db")]),
    ["db"],
    document(
      [...two, database("db"), database("sb")],
      [runsOn("db", "leaf-1"), runsOn("sb", "leaf-2"), replicates("sb", "db")],
    ),
  ],
  [
    "cycle",
    "three that require each other",
    document(
      [leaf, service("a"), service("b"), service("c")],
      [dependsOn("b", "a"), dependsOn("a", "c"), dependsOn("c", "b")],
    ),
    ["a", "c", "b"],
    document(
      [leaf, service("a"), service("b"), service("c")],
      [dependsOn("b", "a"), dependsOn("a", "c"), dependsOn("c", "b", { required: false })],
    ),
  ],
  [
    "cycle",
    "one that requires itself",
    document([leaf, service("a")], [dependsOn("a", "a")]),
    ["a"],
    document([leaf, service("a")], [dependsOn("a", "a", { required: false })]),
  ],
  ["unplaced", "two hosts", document([...two, service("web")]), ["web"], document([leaf, service("web")])],
  [
    "unplaced",
    "a local disk",
    document([...two, storage("disk")]),
    ["disk"],
    document([...two, storage("disk", { kind: "network-fs" })]),
  ],
  [
    "port-conflict",
    "two services",
    document([leaf, service("api", { port: 8080 }), service("web", { port: 8080 })]),
    ["api", "web"],
    document(
      [...two, service("api", { port: 8080 }), service("web", { port: 8080 })],
      [runsOn("api", "leaf-1"), runsOn("web", "leaf-2")],
    ),
  ],
  [
    "port-conflict",
    "the default port of a database",
    document([leaf, service("web", { port: 5432 }), database("db")]),
    ["db", "web"],
    document([leaf, service("web", { port: 5432 }), database("db", { port: 5433 })]),
  ],
  [
    "port-conflict",
    "redis as a database and as a bus",
    document([leaf, database("cache", { engine: "redis" }), bus("queue", { engine: "redis" })]),
    ["cache", "queue"],
    document([leaf, database("cache", { engine: "redis", port: 6380 }), bus("queue", { engine: "redis" })]),
  ],
  [
    "port-conflict",
    "the host's ssh",
    document([leaf, service("git", { port: 22 })]),
    ["git", "leaf-1"],
    document([host("leaf-1", { ssh: { port: 2222 } }), service("git", { port: 22 })]),
  ],
  [
    "port-conflict",
    "the node exporter of a host that is monitored through a node on it",
    document([leaf, eye(), service("api"), service("web", { port: 9100 })], [monitors("eye", "api")]),
    ["leaf-1", "web"],
    document([leaf, eye(), service("api"), service("web", { port: 9100 })]),
  ],
  [
    "port-conflict",
    "what sends logs, where one of the monitors keeps them",
    document(
      [leaf, eye({ logs: true }), service("web", { port: 12_345 })],
      [monitors("eye", "leaf-1"), monitors("eye", "web")],
    ),
    ["leaf-1", "web"],
    document([leaf, eye(), service("web", { port: 12_345 })], [monitors("eye", "leaf-1")]),
  ],
  [
    "port-conflict",
    "Grafana",
    document([leaf, eye({ dashboards: true }), service("web", { port: 3000 })]),
    ["eye", "web"],
    document([leaf, eye(), { ...eye(), id: "eye-2" }, service("web", { port: 3000 })]),
  ],
  [
    "port-conflict",
    "the exporter of Redis, which its servers share",
    document([leaf, eye(), database("a", { engine: "redis" }), service("web", { port: 9121 })], [monitors("eye", "a")]),
    ["a", "web"],
    document(
      [leaf, eye(), database("a", { engine: "redis", port: 6380 }), bus("b", { engine: "redis" })],
      [monitors("eye", "a"), monitors("eye", "b")],
    ),
  ],
  [
    "port-conflict",
    "the figures of a load balancer",
    document(
      [leaf, eye(), balancer("front"), service("web", { port: 10_080 })],
      [monitors("eye", "front"), balances("front", "web")],
    ),
    ["front", "web"],
    document(
      [leaf, eye(), balancer("front"), service("web", { port: 10_080 })],
      [monitors("eye", "web"), balances("front", "web")],
    ),
  ],
  [
    "port-conflict",
    "the monitoring port of NATS",
    document([leaf, bus("bus"), service("web", { port: 8222 })]),
    ["bus", "web"],
    document([leaf, bus("bus", { engine: "redis" }), service("web", { port: 8222 })]),
  ],
  [
    "port-conflict",
    "the cluster port of NATS",
    document(
      [...two, bus("bus"), service("web", { port: 6222 })],
      [runsOn("bus", "leaf-1"), runsOn("bus", "leaf-2"), runsOn("web", "leaf-1")],
    ),
    ["bus", "web"],
    document([...two, bus("bus"), service("web", { port: 6222 })], [runsOn("bus", "leaf-1"), runsOn("web", "leaf-1")]),
  ],
  [
    "port-conflict",
    "the port that leaf nodes dial",
    document(
      [...two, bus("bus"), bus("edge", { leafRemotes: dialling(7422) }), service("web", { port: 7422 })],
      [runsOn("bus", "leaf-1"), runsOn("edge", "leaf-2"), runsOn("web", "leaf-1")],
    ),
    ["bus", "web"],
    document(
      [...two, bus("bus"), bus("edge", { leafRemotes: dialling(7422) }), service("web", { port: 7422 })],
      [runsOn("bus", "leaf-1"), runsOn("edge", "leaf-2"), runsOn("web", "leaf-2")],
    ),
  ],
  [
    "port-conflict",
    "leaf nodes that dial the port of clients",
    document(
      [...two, bus("bus"), bus("edge", { leafRemotes: dialling(4222) })],
      [runsOn("bus", "leaf-1"), runsOn("edge", "leaf-2")],
    ),
    ["bus"],
    document(
      [...two, bus("bus"), bus("edge", { leafRemotes: dialling(4223) })],
      [runsOn("bus", "leaf-1"), runsOn("edge", "leaf-2")],
    ),
  ],
  [
    "port-conflict",
    "leaf nodes that dial one server at two ports",
    document(
      [...two, bus("bus"), bus("edge", { leafRemotes: dialling(7422, 7423) })],
      [runsOn("bus", "leaf-1"), runsOn("edge", "leaf-2")],
    ),
    ["bus", "edge"],
    document(
      [...two, bus("bus"), bus("edge", { leafRemotes: dialling(7422, 7422) })],
      [runsOn("bus", "leaf-1"), runsOn("edge", "leaf-2")],
    ),
  ],
  ...[
    ["kafka", 9093] as const,
    ["kafka", 9094] as const,
    ["rabbitmq", 4369] as const,
    ["rabbitmq", 25_672] as const,
    ["rabbitmq", 15_692] as const,
  ].map(
    ([engine, port]) =>
      [
        "port-conflict",
        `port ${port} of ${engine}`,
        document([leaf, bus("bus", { engine }), service("web", { port })]),
        ["bus", "web"],
        document([leaf, bus("bus", { engine: "redis" }), service("web", { port })]),
      ] as const,
  ),
  [
    "port-conflict",
    "the port for standbys of a Redis server that speaks TLS",
    document(
      [...two, database("db", { engine: "redis" }), service("api"), service("web", { port: 16_379 })],
      [
        runsOn("db", "leaf-1"),
        runsOn("db", "leaf-2"),
        runsOn("api", "leaf-2"),
        runsOn("web", "leaf-1"),
        { from: "api", to: "db", type: "connects-to", protocol: "redis", encrypted: true },
      ],
    ),
    ["db", "web"],
    document(
      [...two, database("db", { engine: "redis" }), service("api"), service("web", { port: 16_379 })],
      [
        runsOn("db", "leaf-1"),
        runsOn("db", "leaf-2"),
        runsOn("api", "leaf-2"),
        runsOn("web", "leaf-1"),
        connects("api", "db"),
      ],
    ),
  ],
  [
    "port-conflict",
    "NFS, where another host mounts a volume",
    document(
      [...two, service("web", { port: 2049 }), service("api"), storage("disk", { accessMode: "read-write-many" })],
      [runsOn("web", "leaf-1"), runsOn("api", "leaf-2"), runsOn("disk", "leaf-1"), mounts("api", "disk")],
    ),
    ["disk", "web"],
    document(
      [...two, service("web", { port: 2049 }), service("api"), storage("disk", { accessMode: "read-write-many" })],
      [runsOn("web", "leaf-1"), runsOn("api", "leaf-1"), runsOn("disk", "leaf-1"), mounts("api", "disk")],
    ),
  ],
  [
    "port-conflict",
    "the second object store of a host",
    document([
      leaf,
      storage("x", { kind: "object-store" }),
      storage("y", { kind: "object-store", mountPath: "/y" }),
      service("web", { port: 9001 }),
    ]),
    ["web", "y"],
    document([
      leaf,
      storage("x", { kind: "object-store" }),
      storage("y", { kind: "object-store", device: "s3://y" }),
      service("web", { port: 9001 }),
    ]),
  ],
  [
    "engine-conflict",
    "postgresql twice",
    document([leaf, database("a"), database("b", { port: 5433 })]),
    ["a", "b"],
    document([leaf, database("a", { engine: "redis" }), database("b", { engine: "redis", port: 6380 })]),
  ],
  [
    "resources-exceeded",
    "cores",
    document([
      host("leaf-1", { resources: { cpuCores: 0.3 } }),
      service("a", { resources: { cpuCores: 0.1 } }),
      service("b", { resources: { cpuCores: 0.3 } }),
    ]),
    ["leaf-1", "a", "b"],
    document([
      host("leaf-1", { resources: { cpuCores: 0.3 } }),
      service("a", { resources: { cpuCores: 0.1 } }),
      service("b", { resources: { cpuCores: 0.2 } }),
    ]),
  ],
  [
    "storage-conflict",
    "two writers",
    document([leaf, service("a"), service("b"), storage("disk")], [mounts("a", "disk"), mounts("b", "disk")]),
    ["disk", "a", "b"],
    document([leaf, service("a"), service("b"), storage("disk")], [mounts("a", "disk"), mounts("b", "disk", true)]),
  ],
  [
    "storage-conflict",
    "one writer on two hosts",
    document(
      [...two, service("a"), storage("disk")],
      [runsOn("a", "leaf-1"), runsOn("a", "leaf-2"), runsOn("disk", "leaf-1"), mounts("a", "disk")],
    ),
    ["disk", "a"],
    document(
      [...two, service("a"), storage("disk", { accessMode: "read-write-many" })],
      [runsOn("a", "leaf-1"), runsOn("a", "leaf-2"), runsOn("disk", "leaf-1"), mounts("a", "disk")],
    ),
  ],
  [
    "no-backend",
    "a balancer with nothing behind it",
    document([leaf, balancer("front")]),
    ["front"],
    document([leaf, balancer("front"), service("web")], [balances("front", "web")]),
  ],
  ["no-host", "services alone", document([service("web")]), [], document([leaf])],
  [
    "orphan",
    "a node that nothing joins with others",
    document([leaf, service("a"), service("b"), service("c")], [dependsOn("a", "b")]),
    ["c"],
    document([leaf, service("a"), service("b"), service("c", { public: true })], [dependsOn("a", "b")]),
  ],
  ["orphan", "an empty host", document([leaf]), ["leaf-1"], document([leaf, service("web")])],
  [
    "single-point-of-failure",
    "two that need one database",
    document([leaf, service("a"), service("b"), database("db")], [dependsOn("a", "db"), dependsOn("b", "db")]),
    ["db", "a", "b"],
    document(
      [leaf, service("a"), service("b"), database("db"), database("sb", { port: 5433 })],
      [dependsOn("a", "db"), dependsOn("b", "db"), replicates("sb", "db")],
    ),
  ],
  [
    "single-point-of-failure",
    "replicas that need one service",
    document(
      [...two, service("a"), service("b")],
      [runsOn("a", "leaf-1"), runsOn("a", "leaf-2"), runsOn("b", "leaf-1"), dependsOn("a", "b")],
    ),
    ["b", "a"],
    document([...two, service("a"), service("b")], [runsOn("a", "leaf-1"), runsOn("b", "leaf-1"), dependsOn("a", "b")]),
  ],
  [
    "no-health-check",
    "a service without one",
    document([leaf, { id: "web", type: "service", command: "x" }]),
    ["web"],
    document([leaf, service("web")]),
  ],
  [
    "no-health-check",
    "a check without a port to ask",
    document([leaf, service("web", { healthCheck: { kind: "http" } })]),
    ["web"],
    document([leaf, service("web", { port: 80, healthCheck: { kind: "http" } })]),
  ],
  [
    "no-health-check",
    "a check of another address",
    document([leaf, service("web", { port: 80, healthCheck: { kind: "http", path: "https://web:80/" } })]),
    ["web"],
    document([leaf, service("web", { port: 80, healthCheck: { kind: "http", path: "/" } })]),
  ],
  [
    "no-health-check",
    "a check with nothing to execute",
    document([leaf, service("web", { healthCheck: { kind: "exec" } })]),
    ["web"],
    document([leaf, service("web")]),
  ],
  [
    "no-backup",
    "a database that keeps data",
    document([leaf, { id: "db", type: "database", engine: "mysql" }]),
    ["db"],
    document([leaf, { id: "db", type: "database", engine: "mysql", persistent: false }]),
  ],
  [
    "invalid-config",
    "copies of backups that nobody makes",
    document([leaf, { id: "db", type: "database", engine: "mysql", backupCopyTo: "/mnt/nas" }]),
    ["db"],
    document([
      leaf,
      { id: "db", type: "database", engine: "mysql", backupCopyTo: "/mnt/nas", backupSchedule: "0 2 * * *" },
    ]),
  ],
  [
    "no-backup",
    "a primary whose standby has no backup either",
    document(
      [...two, { id: "db", type: "database", engine: "mysql" }, { id: "sb", type: "database", engine: "mysql" }],
      [runsOn("db", "leaf-1"), runsOn("sb", "leaf-2"), replicates("sb", "db")],
    ),
    ["db"],
    document(
      [...two, { id: "db", type: "database", engine: "mysql" }, database("sb", { engine: "mysql" })],
      [runsOn("db", "leaf-1"), runsOn("sb", "leaf-2"), replicates("sb", "db")],
    ),
  ],
  [
    "invalid-id",
    "a node with the name by which every host means itself",
    document([host("localhost"), service("web")]),
    ["localhost"],
    document([host("local"), service("web")]),
  ],
  [
    "invalid-config",
    "a release of a form that NixOS does not take",
    document([host("leaf-1", { stateVersion: "25.05pre" }), service("web")]),
    ["leaf-1"],
    document([host("leaf-1", { stateVersion: "25.05" }), service("web")]),
  ],
  [
    "invalid-config",
    "a module whose text nobody has taken in",
    document([host("leaf-1", { imports: ["./x.nix"] }), service("web")]),
    ["leaf-1"],
    document([host("leaf-1", { imports: ["./x.nix"], files: { "x.nix": digest } }), service("web")]),
  ],
  [
    "invalid-config",
    "a module of the machine that deploys",
    document([host("leaf-1", { imports: ["/etc/nixos/x.nix"] }), service("web")]),
    ["leaf-1"],
    document([host("leaf-1", { imports: ["x"], files: { "x/default.nix": digest } }), service("web")]),
  ],
  [
    "invalid-config",
    "two flakes under one name",
    document([
      host("leaf-1", { inputs: { own: { url: "github:a/b" } } }),
      host("leaf-2", { inputs: { own: { url: "github:a/c" } } }),
    ]),
    ["leaf-1", "leaf-2"],
    document([
      host("leaf-1", { inputs: { own: { url: "github:a/b" } } }),
      host("leaf-2", { inputs: { own: { url: "github:a/b" } } }),
    ]),
  ],
  [
    "port-conflict",
    "two hosts that are one machine",
    document([host("leaf-1", { address: "a.example" }), host("leaf-2", { address: "A.example" })]),
    ["leaf-1", "leaf-2"],
    document([host("leaf-1", { address: "a.example" }), host("leaf-2", { address: "a.example", ssh: { port: 2222 } })]),
  ],
  [
    "plaintext-public",
    "a public service on port 80",
    document([leaf, service("web", { public: true, port: 80 })]),
    ["web"],
    document([leaf, service("web", { public: true, port: 443 })]),
  ],
  [
    "plaintext-public",
    "a public balancer without certificates",
    document([leaf, balancer("front", { public: true, port: 443 })]),
    ["front"],
    document([leaf, balancer("front", { public: true, port: 443, tls: { certificateFile: "/c", keyFile: "/k" } })]),
  ],
];

describe("each problem", () => {
  test.each(cases)("%s: %s", (code, _, having, nodes, nearMiss) => {
    expect(only(code, having).map((problem) => problem.nodes)).toEqual([nodes]);
    expect(only(code, nearMiss)).toEqual([]);
  });

  test("has its case here", () => {
    expect(new Set(cases.map(([code]) => code))).toEqual(new Set([...errorCodes, ...warningCodes]));
  });
});

describe("findProblems", () => {
  test("says what is wrong and what to do", () => {
    const [conflict] = findProblems(document([leaf, service("api", { port: 8080 }), service("web", { port: 8080 })]));
    expect(conflict).toEqual({
      code: "port-conflict",
      severity: "error",
      nodes: ["api", "web"],
      edges: [],
      message: "node `web`: port 8080 is already taken on host `leaf-1` by `api`: choose another port or host",
    });
  });

  test("says what a port is for, and what could be chosen instead", () => {
    const said = (input: unknown) => only("port-conflict", input).map(({ message }) => message);
    expect(said(document([leaf, eye(), service("web", { port: 9100 })], [monitors("eye", "web")]))).toEqual([
      "node `web`: port 9100 is already taken on host `leaf-1` by the node exporter: choose another port or host",
    ]);
    expect(said(document([leaf, bus("bus"), service("api", { port: 4222 })]))).toEqual([
      "node `bus`: port 4222 is already taken on host `leaf-1` by `api`: choose another port for `api`, or another host",
    ]);
    const dialled = [runsOn("bus", "leaf-1"), runsOn("a", "leaf-2"), runsOn("b", "leaf-2")];
    const leaves = (left: number, right: number) =>
      document(
        [
          ...two,
          bus("bus"),
          bus("a", { leafRemotes: dialling(left) }),
          bus("b", { engine: "kafka", leafRemotes: dialling(right) }),
        ],
        dialled,
      );
    expect(said(leaves(8222, 8222))).toEqual([
      "node `bus`: port 8222 (its port for leaf nodes) is already taken on host `leaf-1` by `bus` (its monitoring port): " +
        "choose another port in `leafRemotes` of `a`, or another host",
    ]);
    expect(said(leaves(7422, 7423))).toEqual([
      "node `b`: it dials `bus` on host `leaf-1` at port 7423, and `a` at port 7422: NATS takes leaf nodes on one port: " +
        "choose one for both in `leafRemotes`",
    ]);
  });

  test("names nodes, hosts and a remedy, and of many names the first", () => {
    const needing = Array.from({ length: 20 }, (_, index) => service(`s${index + 10}`));
    const [warning] = only(
      "single-point-of-failure",
      document([leaf, database("db"), ...needing], [...needing.map(({ id }) => dependsOn(id, "db"))]),
    );
    expect(warning?.nodes).toHaveLength(21);
    expect(warning?.message).toBe(
      "node `db`: it runs once, on host `leaf-1`, and 20 instances of `s10`, `s11`, `s12`, `s13`, `s14`, `s15`, `s16` and " +
        "13 more require it: add a standby (`replicates`)",
    );
    expect(only("unplaced", document([...two, service("web")]))[0]?.message).toBe(
      "node `web`: it is placed on no host: add a `runs-on` edge to one of the 2 hosts (`leaf-1`, `leaf-2`)",
    );
  });

  test("takes more faults in one node than a call takes arguments", () => {
    const args = Array.from({ length: 200_000 }, () => 1);
    expect(findProblems({ id: "g", nodes: [{ ...service("web"), args }], edges: [] }).length).toBeGreaterThan(200_000);
  });

  test.each([
    ["database-cluster", []],
    ["five-services", ["no-health-check"]],
    ["load-balanced-web", ["single-point-of-failure"]],
    ["nats-mesh", []],
  ])("finds no error in the example %s", (name, warnings) => {
    expect(codes(exampleJson(name))).toEqual(warnings);
  });

  test("still checks the rest of a document with faults of form", () => {
    const broken = {
      id: "Shop",
      nodes: [
        { ...leaf, rootDisk: "/dev/sda" },
        { ...service("api", { port: 8080 }), user: 7 },
        { ...service("Web", { port: 8080 }) },
        { id: "db", type: "database" },
      ],
      edges: [
        dependsOn("Web", "api"),
        dependsOn("api", "Web"),
        { from: "api", to: "gone", type: "connects-to" },
        dependsOn("api", "db"),
      ],
    };
    expect(codes(broken)).toEqual([
      "invalid-config",
      "invalid-config",
      "invalid-config",
      "invalid-config",
      "invalid-id",
      "invalid-id",
      "missing-node",
      "cycle",
      "port-conflict",
    ]);
  });

  test("finds every cycle of a tangle", () => {
    const edges = ["b", "c"].flatMap((id) => [dependsOn("a", id), dependsOn(id, "a")]);
    const found = only("cycle", document([leaf, service("a"), service("b"), service("c")], edges));
    expect(found.map(({ nodes }) => nodes)).toEqual([
      ["a", "b"],
      ["a", "c"],
    ]);
    expect(found[0]?.edges).toEqual(["a/depends-on/b", "b/depends-on/a"]);
  });

  test("leaves a long chain, and a graph of ten thousand nodes, in one piece", () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => service(`n${index}`));
    const edges = nodes.slice(1).map(({ id }, index) => dependsOn(`n${index}`, id));
    expect(codes(document([leaf, ...nodes], edges))).toEqual([]);
    expect(only("cycle", document([leaf, ...nodes], [...edges, dependsOn("n9999", "n0")]))[0]?.nodes).toHaveLength(
      10_000,
    );
  });

  test("does not depend on the order of nodes and edges", () => {
    fc.assert(
      fc.property(anyDocument, (graph) => {
        const reversed = { ...graph, nodes: graph.nodes.toReversed(), edges: graph.edges.toReversed() };
        expect(findProblems(reversed)).toEqual(findProblems(graph));
      }),
    );
  });

  test("never throws, whatever JSON it gets", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void findProblems(value)));
    const element = fc.record(
      {
        id: fc.jsonValue(),
        type: fc.constantFrom("host", "service", "runs-on", "constructor", "__proto__", 1),
        from: fc.jsonValue(),
        to: fc.jsonValue(),
        port: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(element), fc.array(element), (nodes, edges) => void findProblems({ id: "g", nodes, edges })),
    );
  });

  test.each(["id", "from", "to", "type", "protocol", "port"])(
    "never throws on an object with odd members as the `%s` of an edge",
    (field) => {
      const odd = JSON.parse('{"toString": 1, "valueOf": null, "__proto__": ""}');
      const edge = { ...runsOn("web", "leaf-1"), [field]: odd };
      expect(codes({ ...document([leaf, service("web")]), edges: [edge] })).toContain(
        field === "id" ? "invalid-id" : "invalid-config",
      );
    },
  );

  test("never throws on an example in which one value was replaced", () => {
    const mutated = fc.tuple(fc.constantFrom(...exampleNames), fc.nat(), fc.jsonValue()).map(([name, place, value]) => {
      let left = place % 300;
      return JSON.parse(JSON.stringify(exampleJson(name)), (_, current) => (left-- === 0 ? value : current));
    });
    fc.assert(fc.property(mutated, (value) => void findProblems(value)));
  });
});
