// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for Nix that is meant
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type { MonitoringNode, StorageNode } from "../../../../src/domain/graph/node.ts";
import { graph, host, loadBalancer, nats, postgresql, redis, runsOn, service } from "./graphs.ts";

const storage = (id: string, more: Partial<StorageNode>): StorageNode => ({
  id,
  type: "storage",
  kind: "local-disk",
  size: "10Gi",
  mountPath: `/srv/${id}`,
  accessMode: "read-write-many",
  ...more,
});

const monitoring = (id: string, more: Partial<MonitoringNode>): MonitoringNode => ({ id, type: "monitoring", ...more });

const sees = (from: string, ...targets: ReadonlyArray<string>): ReadonlyArray<Edge> =>
  targets.map((to) => ({ from, to, type: "monitors" }));

/** A graph in which load balancers, storage and monitoring are there with everything they may say. */
export const infrastructure = graph(
  [
    host("leaf-1", { rootDevice: "/dev/vda1" }),
    host("leaf-2", { address: "fd00::2" }),
    host("leaf-3", { address: "app.example.org" }),
    service("web", { port: 8080, healthCheck: { kind: "http", path: "/a \"b\" ${c} ''" } }),
    service("api", { healthCheck: { kind: "tcp" }, port: 9091 }),
    service("job"),
    loadBalancer("front", {
      port: 443,
      public: true,
      serverName: "a \"b\" ${c} ''\n",
      strategy: "weighted",
      tls: { certificateFile: "/keys/a b%", keyFile: "/keys/${key}" },
      healthCheckIntervalSeconds: 2.5,
    }),
    loadBalancer("inner", { strategy: "ip-hash", port: 8443 }),
    postgresql("db"),
    { id: "my", type: "database", engine: "mysql" },
    { id: "mongo", type: "database", engine: "mongodb" },
    redis("cache"),
    redis("sessions", { port: 6380 }),
    nats("bus"),
    storage("folder", { mountPath: '/srv/a "b" ${c} \\040' }),
    storage("disk", { device: "/dev/disk/by-id/${disk} 1" }),
    storage("block", { kind: "block-storage", accessMode: "read-only-many" }),
    storage("share", { kind: "network-fs" }),
    storage("nas", { kind: "network-fs", device: "nas:/export" }),
    storage("objects", { kind: "object-store", mountPath: "/srv/\"objects\" ''${x}" }),
    storage("bucket", { kind: "object-store", device: "s3://bucket" }),
    monitoring("eye", { retentionDays: 30, dashboards: true, logs: true }),
    monitoring("ear", {}),
  ],
  ["web", "api", "folder", "share", "block", "objects"].flatMap((id) => runsOn(id, "leaf-1", "leaf-2")),
  ["front", "inner", "db", "my", "bus", "cache"].flatMap((id) => runsOn(id, "leaf-1")),
  ["job", "sessions", "mongo", "disk"].flatMap((id) => runsOn(id, "leaf-3")),
  ["eye", "ear"].flatMap((id) => runsOn(id, "leaf-2")),
  { from: "front", to: "web", type: "load-balances", weight: 2.5 },
  { from: "front", to: "job", type: "load-balances", healthCheck: false },
  { from: "inner", to: "api", type: "load-balances" },
  { from: "web", to: "front", type: "depends-on" },
  { from: "job", to: "share", type: "depends-on" },
  ["folder", "disk", "block", "share", "nas", "objects", "bucket"].flatMap(
    (to): ReadonlyArray<Edge> => [
      { from: "web", to, type: "mounts-volume" },
      { from: "job", to, type: "mounts-volume", mountPath: `/mnt/${to}/`, readOnly: true },
    ],
  ),
  { from: "db", to: "disk", type: "mounts-volume", mountPath: "/var/lib/postgresql" },
  sees("eye", "leaf-1", "web", "db", "my", "mongo", "cache", "sessions", "bus", "front", "share", "leaf-2"),
  sees("ear", "web", "api", "leaf-3"),
);
