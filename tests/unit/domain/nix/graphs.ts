// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for Nix that is meant
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type {
  DatabaseNode,
  HostNode,
  LoadBalancerNode,
  MessageBusNode,
  Node,
  ServiceNode,
} from "../../../../src/domain/graph/node.ts";
import { digests } from "../../../../src/infrastructure/digests.ts";

/** A module that says nothing, for hosts whose operator has one. */
export const emptyModule = "{ }\n";

/** `leaf-1` has the address 10.0.0.1, and so on. */
export const host = (id: string, more: Partial<HostNode> = {}): HostNode => ({
  id,
  type: "host",
  system: "x86_64-linux",
  address: `10.0.0.${id.replaceAll(/\D/g, "")}`,
  ...more,
});

export const service = (id: string, more: Partial<ServiceNode> = {}): ServiceNode => ({
  id,
  type: "service",
  command: `/bin/${id}`,
  ...more,
});

export const postgresql = (id: string, more: Partial<DatabaseNode> = {}): DatabaseNode => ({
  id,
  type: "database",
  engine: "postgresql",
  ...more,
});

export const redis = (id: string, more: Partial<DatabaseNode> = {}): DatabaseNode => ({
  id,
  type: "database",
  engine: "redis",
  ...more,
});

export const nats = (id: string, more: Partial<MessageBusNode> = {}): MessageBusNode => ({
  id,
  type: "message-bus",
  engine: "nats",
  ...more,
});

export const loadBalancer = (id: string, more: Partial<LoadBalancerNode> = {}): LoadBalancerNode => ({
  id,
  type: "load-balancer",
  strategy: "round-robin",
  port: 80,
  ...more,
});

export const runsOn = (from: string, ...hosts: ReadonlyArray<string>): ReadonlyArray<Edge> =>
  hosts.map((to) => ({ from, to, type: "runs-on" }));

export const graph = (
  nodes: ReadonlyArray<Node>,
  ...edges: ReadonlyArray<Edge | ReadonlyArray<Edge>>
): GraphDocument => ({ id: "test", nodes, edges: edges.flat() });

/** A graph in which everything that can be rendered is there once. */
export const everything: GraphDocument = graph(
  [
    host("leaf-1", {
      rootDevice: "/dev/nvme0n1p2",
      imports: ["./hardware/leaf 1.nix"],
      files: { "hardware/leaf 1.nix": digests.sha256(emptyModule) },
      ssh: { user: "deploy", port: 2222, identityFile: "/keys/deploy" },
      stateVersion: "25.11",
      labels: { rack: "a" },
    }),
    host("leaf-2", { system: "aarch64-linux", address: "fd00::2" }),
    host("leaf-3"),
    service("web", {
      command: "web",
      package: "python3Packages.web",
      args: ["--name", 'a "b" $c %d \\ e\n;', ""],
      environment: { PATH: "/bin", LOAD: "50%", MOTD: "it's ${not} a ''nix'' string\n\"ok\" – ünï" },
      environmentFiles: ["/run/secrets/100%/web.env"],
      port: 443,
      public: true,
      user: "www",
      healthCheck: { kind: "http", path: "/healthz?a=%20" },
      resources: { cpuCores: 1.5, memoryMb: 512, diskGb: 1 },
    }),
    service("worker", { healthCheck: { kind: "exec", command: 'test "$(date)" != 100%', retries: 1 }, port: 9000 }),
    service("socket", { healthCheck: { kind: "tcp", intervalSeconds: 0.5, timeoutSeconds: 2 }, port: 9001 }),
    postgresql("db", {
      version: "16.4",
      databases: ["shop", "all"],
      backupSchedule: "0 2 1 * 0",
      resources: { cpuCores: 2, memoryMb: 4096.5 },
    }),
    redis("cache", { version: "8", persistent: false }),
    redis("sessions", { port: 6380 }),
    nats("bus", {
      persistence: true,
      topics: [{ name: "orders", retentionHours: 72, replicationFactor: 2 }, { name: "orders.eu" }],
      resources: { diskGb: 10 },
    }),
    nats("edge", { leafRemotes: [{ url: "nats-leaf://10.0.0.1:7422", credentialsFile: "/run/secrets/leaf.creds" }] }),
  ],
  runsOn("web", "leaf-1", "leaf-2"),
  runsOn("worker", "leaf-3"),
  runsOn("socket", "leaf-3"),
  runsOn("db", "leaf-1"),
  runsOn("cache", "leaf-1"),
  runsOn("sessions", "leaf-2"),
  runsOn("bus", "leaf-1", "leaf-2"),
  runsOn("edge", "leaf-3"),
  { from: "web", to: "db", type: "depends-on", startupDelaySeconds: 2.5 },
  { from: "web", to: "cache", type: "depends-on", required: false },
  { from: "db", to: "bus", type: "depends-on", required: false },
  { from: "worker", to: "edge", type: "depends-on" },
  { from: "web", to: "db", type: "connects-to", protocol: "postgresql", encrypted: true },
  { from: "worker", to: "db", type: "connects-to", protocol: "postgresql" },
  { from: "worker", to: "cache", type: "connects-to", protocol: "tcp" },
  { from: "worker", to: "bus", type: "connects-to", protocol: "nats" },
  { from: "worker", to: "web", type: "connects-to", protocol: "udp", port: 5353 },
  { from: "web", to: "bus", type: "publishes-to", topic: "orders" },
  { from: "worker", to: "bus", type: "subscribes-to", topic: "orders", consumerGroup: "workers" },
  { from: "web", to: "worker", type: "data-flow", format: "json" },
);
