// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant

import fc from "fast-check";
import type { GraphDocument } from "../../src/domain/graph/document.ts";
import { type Edge, edgeIdentity } from "../../src/domain/graph/edge.ts";
import type { Node } from "../../src/domain/graph/node.ts";
import { findProblems } from "../../src/domain/graph/problems.ts";
import type { NodeType } from "../../src/domain/graph/types.ts";
import { defined } from "../../src/domain/kernel/mod.ts";

/** Text made of what has a meaning in Nix, shells, systemd, SQL, YAML …, next to any Unicode. */
export const hostileText = fc
  .oneof(
    fc
      .array(
        fc.constantFrom(
          ..."a B 0 $ ${ } '' ' \" ` \\ \\n $$ ''${ % %% %n # ; & | < > ( ) [ ] { * ? ! ~ = , : / // - -- @ ü 😀 \u2028".split(
            " ",
          ),
          " ",
          "\n",
          "\r\n",
          "\t",
          "\u0001",
          "\u007f",
        ),
        { minLength: 1, maxLength: 8 },
      )
      .map((parts) => parts.join("")),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }),
  )
  .map((text) => text.replaceAll("\0", "\u0001"));

const path = fc.oneof(
  fc.constantFrom("/srv/data", "/run/secrets/key", "/var/lib/a b"),
  hostileText.map((text) => `/srv/${text.replaceAll(/[\n\r]/g, " ")}`),
);

const device = hostileText.map((text) => `${text}x`);

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const databaseName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,10}$/);
const port = fc.integer({ min: 1, max: 65535 });
const seconds = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0.25, 1e-9, 1e9));
const resources = fc.record(
  {
    cpuCores: fc.constantFrom(0.5, 1, 4),
    memoryMb: fc.constantFrom(64, 512.5, 4096),
    diskGb: fc.constantFrom(1, 10, 1e9),
  },
  { requiredKeys: [] },
);
const rateLimit = fc.record({
  requestsPerSecond: fc.constantFrom(0.5, 100),
  burstSize: fc.integer({ min: 1, max: 9 }),
});
const healthCheck = fc.record(
  {
    kind: fc.constantFrom("http", "tcp", "exec"),
    path: hostileText,
    command: hostileText,
    intervalSeconds: seconds,
    timeoutSeconds: seconds,
    retries: fc.constantFrom(0, 3, 1_000_000),
  },
  { requiredKeys: ["kind"] },
);

type Fields = Readonly<Record<string, unknown>>;

/** A node of a type with its required fields, and any of its others. */
const nodeOf = (
  type: NodeType,
  required: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  optional: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<Fields> =>
  fc
    .record<Record<string, unknown>>({ ...required, ...optional }, { requiredKeys: Object.keys(required) })
    .map((fields) => ({ type, ...fields }));

const address = (index: number): fc.Arbitrary<string> =>
  fc.constantFrom(`10.0.0.${index + 1}`, `fd00::${index + 1}`, `host-${index}.example.org`);

const hostFields = (index: number): fc.Arbitrary<Fields> =>
  nodeOf(
    "host",
    { system: fc.constantFrom("x86_64-linux", "aarch64-linux"), address: address(index) },
    {
      ssh: fc.record(
        { user: fc.constantFrom("root", "deploy"), port: fc.constantFrom(22, 2222), identityFile: hostileText },
        { requiredKeys: [] },
      ),
      stateVersion: fc.constantFrom("25.11", "26.05"),
      rootDevice: fc.oneof(fc.constantFrom("/dev/vda1", "/dev/nvme0n1p2"), device),
      labels: fc.dictionary(hostileText, hostileText, { maxKeys: 2 }),
    },
  );

const placedFields: fc.Arbitrary<Fields> = fc.oneof(
  nodeOf(
    "service",
    { command: fc.oneof(fc.constantFrom("/bin/web", "web"), hostileText) },
    {
      args: fc.array(hostileText, { maxLength: 3 }),
      environment: fc.dictionary(
        fc.oneof(
          fc.constantFrom("PATH", "HOME", "A_1"),
          hostileText.map((text) => text.replaceAll("=", "_")),
        ),
        hostileText,
        { maxKeys: 3 },
      ),
      environmentFiles: fc.array(path, { maxLength: 2 }),
      package: fc.constantFrom("hello", "python3Packages.black"),
      port,
      public: fc.boolean(),
      healthCheck,
      resources,
      user: fc.constantFrom("www", "root", "Odd_user.1"),
    },
  ),
  nodeOf(
    "agent",
    { capabilities: fc.array(hostileText, { maxLength: 2 }) },
    {
      subscriptions: fc.array(fc.oneof(fc.constantFrom("orders", "orders.>", "a.*.b"), hostileText), { maxLength: 2 }),
      rateLimit,
      command: fc.oneof(fc.constant("/bin/agent"), hostileText),
      resources,
    },
  ),
  nodeOf(
    "database",
    { engine: fc.constantFrom("postgresql", "mysql", "mongodb", "redis", "sqlite") },
    {
      persistent: fc.boolean(),
      port,
      databases: fc.uniqueArray(databaseName, { maxLength: 2 }),
      backupSchedule: fc.constantFrom("30 1 * * *", "0 2 1 * 0", "*/5 * * * MON-FRI"),
      backupCopyTo: fc.constantFrom("/mnt/nas", "/mnt/with a space"),
      resources,
    },
  ),
  nodeOf(
    "message-bus",
    { engine: fc.constantFrom("nats", "kafka", "rabbitmq", "redis") },
    {
      persistence: fc.boolean(),
      topics: fc.uniqueArray(
        fc.record(
          {
            name: fc.constantFrom("orders", "orders.eu", "audit-log"),
            partitions: fc.integer({ min: 1, max: 9 }),
            replicationFactor: fc.integer({ min: 1, max: 3 }),
            retentionHours: fc.constantFrom(0.5, 72, 1e7),
          },
          { requiredKeys: ["name"] },
        ),
        { maxLength: 3, selector: (topic) => topic.name },
      ),
      leafRemotes: fc.array(
        fc.record(
          { url: fc.constantFrom("nats-leaf://10.0.0.1:7422", "tls://hub.example.org"), credentialsFile: path },
          { requiredKeys: ["url"] },
        ),
        { maxLength: 2 },
      ),
      resources,
    },
  ),
  nodeOf(
    "load-balancer",
    { strategy: fc.constantFrom("round-robin", "least-connections", "ip-hash", "random", "weighted"), port },
    {
      public: fc.boolean(),
      serverName: fc.oneof(fc.constant("shop.example.org"), hostileText),
      tls: fc.record({ certificateFile: path, keyFile: path }),
      healthCheckIntervalSeconds: seconds,
    },
  ),
  nodeOf(
    "storage",
    {
      kind: fc.constantFrom("local-disk", "network-fs", "object-store", "block-storage"),
      size: fc.constantFrom("10Gi", "1.5Ti"),
      mountPath: path,
      accessMode: fc.constantFrom("read-write-once", "read-only-many", "read-write-many"),
    },
    { device: fc.oneof(fc.constantFrom("/dev/vdb", "nas.example.org:/export"), device) },
  ),
  nodeOf(
    "monitoring",
    {},
    { retentionDays: fc.integer({ min: 1, max: 90 }), dashboards: fc.boolean(), logs: fc.boolean() },
  ),
);

/** An edge of a type with its required fields, and any of its others; whether it may join two nodes is another question. */
const edgeOf = (
  type: Edge["type"],
  required: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  optional: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<Fields> =>
  fc
    .record<Record<string, unknown>>(
      { ...required, ...optional, id: hostileText },
      { requiredKeys: Object.keys(required) },
    )
    .map((fields) => ({ type, ...fields }));

/** An edge of any type but `runs-on`. */
const edgeFields: fc.Arbitrary<Fields> = fc.oneof(
  edgeOf("depends-on", {}, { required: fc.boolean(), startupDelaySeconds: fc.constantFrom(0, 0.5, 60) }),
  edgeOf(
    "connects-to",
    { protocol: fc.oneof(fc.constantFrom("tcp", "udp", "http"), hostileText) },
    { port, encrypted: fc.boolean() },
  ),
  edgeOf("data-flow", {}, { direction: hostileText, format: hostileText, volume: hostileText }),
  edgeOf("load-balances", {}, { weight: fc.constantFrom(0.1, 1, 1000), healthCheck: fc.boolean() }),
  edgeOf("mounts-volume", {}, { mountPath: path, readOnly: fc.boolean() }),
  ...(["publishes-to", "subscribes-to"] as const).map((type) =>
    edgeOf(
      type,
      { topic: fc.oneof(fc.constantFrom("orders", "orders.eu", "audit-log", "other"), hostileText) },
      { consumerGroup: hostileText, rateLimit },
    ),
  ),
  edgeOf("replicates", {}),
  edgeOf("manages", {
    permissions: fc.uniqueArray(
      fc.constantFrom("start", "stop", "restart", "configure", "monitor", "scale", "deploy"),
      { maxLength: 7 },
    ),
  }),
  edgeOf("monitors", {}),
);

const sourceTypes: Readonly<Record<string, NodeType>> = {
  "load-balances": "load-balancer",
  replicates: "database",
  manages: "agent",
  monitors: "monitoring",
};

const targetTypes: Readonly<Record<string, NodeType>> = {
  "load-balances": "service",
  "mounts-volume": "storage",
  "publishes-to": "message-bus",
  "subscribes-to": "message-bus",
  replicates: "database",
};

/** What an edge may lead to: a standby has the engine of its primary. */
const partnersOf = (source: Node | undefined, type: unknown, nodes: ReadonlyArray<Node>): ReadonlyArray<Node> =>
  type !== "replicates" || source?.type !== "database"
    ? nodes
    : nodes.filter((node) => node.type === "database" && node.engine === source.engine && node !== source);

/** One of the nodes, of a type where one is given. */
const pick = (nodes: ReadonlyArray<Node>, index: number, wanted: NodeType | undefined): Node | undefined => {
  const fitting = wanted === undefined ? nodes : nodes.filter(({ type }) => type === wanted);
  return fitting[index % Math.max(1, fitting.length)];
};

/** Leaves out the edges, else the first node besides hosts, that errors are about, until the graph has none. */
const mended = (graph: GraphDocument): GraphDocument => {
  const hosts = new Set(graph.nodes.filter(({ type }) => type === "host").map(({ id }) => id));
  for (let current = graph; ; ) {
    const errors = findProblems(current).filter(({ severity }) => severity === "error");
    if (errors.length === 0) return current;
    const edges = new Set(errors.flatMap((problem) => problem.edges));
    const nodes = new Set(
      errors
        .filter((problem) => problem.edges.length === 0)
        .flatMap((problem) => problem.nodes.filter((id) => !hosts.has(id)).slice(0, 1)),
    );
    if (edges.size + nodes.size === 0) throw new Error(`nothing can be left out: ${errors[0]?.message}`);
    current = {
      ...current,
      nodes: current.nodes.filter(({ id }) => !nodes.has(id)),
      edges: current.edges.filter(
        (edge) => !edges.has(edgeIdentity(edge)) && !nodes.has(edge.from) && !nodes.has(edge.to),
      ),
    };
  }
};

/**
 * Deployment graphs that can be deployed, of every type of node and edge and with every field: what is left of any graph
 * when its errors are gone.
 */
export const anyDeployableGraph: fc.Arbitrary<GraphDocument> = fc
  .record({
    hosts: fc
      .integer({ min: 1, max: 4 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => hostFields(index)))),
    nodes: fc.array(placedFields, { minLength: 1, maxLength: 14 }),
    ids: fc.uniqueArray(
      fc.oneof(
        { weight: 4, arbitrary: name },
        fc.constantFrom("nats", "sshd", "postgres", "meta", "node-a", "a".repeat(63)),
      ),
      { minLength: 18, maxLength: 18 },
    ),
    places: fc.array(fc.tuple(fc.nat(13), fc.nat(3)), { minLength: 10, maxLength: 30 }),
    edges: fc.array(fc.tuple(fc.nat(17), fc.nat(17), edgeFields), { maxLength: 40 }),
    description: fc.option(hostileText, { nil: undefined }),
  })
  .map(({ hosts, nodes, ids, places, edges, description }) => {
    const all = [...hosts, ...nodes].map((fields, index) => ({
      id: ids[index],
      ...fields,
    })) as unknown as ReadonlyArray<Node>;
    const hostIds = all.slice(0, hosts.length).map(({ id }) => id);
    const placed = all.slice(hosts.length).map(({ id }) => id);
    const runsOn = [
      ...placed.map((from, index): Edge => ({ from, to: hostIds[index % hostIds.length] ?? "", type: "runs-on" })),
      ...places.flatMap(([node, host]): ReadonlyArray<Edge> => {
        const [from, to] = [placed[node], hostIds[host]];
        return from === undefined || to === undefined ? [] : [{ from, to, type: "runs-on" }];
      }),
    ];
    const others = edges.flatMap(([from, to, fields]) => {
      const source = pick(all, from, sourceTypes[String(fields.type)]);
      const target = pick(partnersOf(source, fields.type, all), to, targetTypes[String(fields.type)]);
      return source === undefined || target === undefined
        ? []
        : [{ from: source.id, to: target.id, ...fields } as unknown as Edge];
    });
    // A balancer without a service is no graph; most of these would be left out.
    const services = all.filter(({ type }) => type === "service");
    const balanced = all
      .filter(({ type }) => type === "load-balancer")
      .flatMap((balancer, index): ReadonlyArray<Edge> => {
        const service = pick(services, index, undefined);
        return service === undefined ? [] : [{ from: balancer.id, to: service.id, type: "load-balances" }];
      });
    const unique = new Map([...runsOn, ...balanced, ...others].map((edge) => [edgeIdentity(edge), edge]));
    return mended({
      id: "any",
      ...defined({ description }),
      nodes: all,
      edges: [...unique.values()],
    });
  });
