import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Result } from "effect";
import fc from "fast-check";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type {
  DatabaseNode,
  HostNode,
  LoadBalancerNode,
  MessageBusNode,
  Node,
  ServiceNode,
  StorageNode,
} from "../../../../src/domain/graph/node.ts";
import { decodeGraphDocument } from "../../../../src/domain/graph/problems.ts";

/** Hosts with numbers have addresses of their own: two with one address would be one machine. */
const addressOf = (id: string): string => `10.0.${/\d/.test(id) ? 1 : 0}.${Number(/\d+/.exec(id)?.[0] ?? 1)}`;

export const host = (id: string, fields: Partial<HostNode> = {}): HostNode => ({
  id,
  type: "host",
  system: "x86_64-linux",
  address: addressOf(id),
  ...fields,
});

/** A service that no rule complains about. */
export const service = (id: string, fields: Partial<ServiceNode> = {}): ServiceNode => ({
  id,
  type: "service",
  command: "/bin/serve",
  healthCheck: { kind: "exec", command: "/bin/check" },
  ...fields,
});

export const database = (id: string, fields: Partial<DatabaseNode> = {}): DatabaseNode => ({
  id,
  type: "database",
  engine: "postgresql",
  backupSchedule: "0 2 * * *",
  ...fields,
});

export const bus = (id: string, fields: Partial<MessageBusNode> = {}): MessageBusNode => ({
  id,
  type: "message-bus",
  engine: "nats",
  ...fields,
});

export const balancer = (id: string, fields: Partial<LoadBalancerNode> = {}): LoadBalancerNode => ({
  id,
  type: "load-balancer",
  strategy: "round-robin",
  port: 80,
  ...fields,
});

export const storage = (id: string, fields: Partial<StorageNode> = {}): StorageNode => ({
  id,
  type: "storage",
  kind: "local-disk",
  size: "10Gi",
  mountPath: "/data",
  accessMode: "read-write-once",
  ...fields,
});

export const runsOn = (from: string, to: string): Edge => ({ from, to, type: "runs-on" });
export const dependsOn = (from: string, to: string, fields: { required?: boolean; id?: string } = {}): Edge => ({
  from,
  to,
  type: "depends-on",
  ...fields,
});

export const document = (nodes: ReadonlyArray<Node>, edges: ReadonlyArray<Edge> = []): GraphDocument => ({
  id: "shop",
  nodes,
  edges,
});

export const exampleNames = ["database-cluster", "five-services", "load-balanced-web", "nats-mesh"] as const;

/** A shipped example as JSON. */
export const exampleJson = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../../../../examples", `${name}.json`), "utf8"));

export const example = (name: string): GraphDocument => Result.getOrThrow(decodeGraphDocument(exampleJson(name)));

const idsOf = (prefix: string) => fc.constantFrom(...["a", "b", "c", "d", "e"].map((letter) => `${prefix}-${letter}`));
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  .filter((value) => !/[\0\uD800-\uDFFF]/u.test(value));

const anyNode: fc.Arbitrary<Node> = fc.oneof(
  fc.record(
    {
      id: idsOf("h"),
      type: fc.constant("host" as const),
      system: fc.constant("x86_64-linux" as const),
      address: fc.constantFrom("10.0.0.1", "leaf.example"),
      labels: fc.dictionary(text, text, { maxKeys: 2 }),
    },
    { requiredKeys: ["id", "type", "system", "address"] },
  ),
  // Ids are shared with databases, so that a node can come back with another type.
  fc.record(
    {
      id: idsOf("x"),
      type: fc.constant("service" as const),
      command: text,
      port: fc.integer({ min: 1, max: 65535 }),
      args: fc.array(text, { maxLength: 2 }),
    },
    { requiredKeys: ["id", "type", "command"] },
  ),
  fc.record(
    {
      id: idsOf("x"),
      type: fc.constant("database" as const),
      engine: fc.constantFrom("postgresql" as const, "redis" as const),
      version: text,
    },
    { requiredKeys: ["id", "type", "engine"] },
  ),
);

const edgeBetween = (from: string, to: string): fc.Arbitrary<Edge> =>
  fc.oneof(
    fc.record(
      {
        id: text,
        from: fc.constant(from),
        to: fc.constant(to),
        type: fc.constant("depends-on" as const),
        required: fc.boolean(),
      },
      { requiredKeys: ["from", "to", "type"] },
    ),
    fc.record(
      {
        id: text,
        from: fc.constant(from),
        to: fc.constant(to),
        type: fc.constant("connects-to" as const),
        protocol: text,
        port: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: ["from", "to", "type", "protocol"] },
    ),
    fc.record(
      { id: text, from: fc.constant(from), to: fc.constant(to), type: fc.constant("data-flow" as const), format: text },
      { requiredKeys: ["from", "to", "type"] },
    ),
  );

const identity = (edge: Edge): string =>
  edge.id ??
  [edge.from, edge.type, edge.to, ...("port" in edge && edge.port !== undefined ? [edge.port] : [])].join("/");

/** Documents that are graphs: no duplicates, every edge between nodes that it may join. Few ids, so that two overlap. */
export const anyDocument: fc.Arbitrary<GraphDocument> = fc
  .uniqueArray(anyNode, { selector: ({ id }) => id, maxLength: 8 })
  .chain((nodes) => {
    const targets = nodes.filter(({ type }) => type !== "host").map(({ id }) => id);
    const edges: fc.Arbitrary<ReadonlyArray<Edge>> =
      targets.length === 0
        ? fc.constant([])
        : fc.uniqueArray(
            fc
              .tuple(fc.constantFrom(...nodes.map(({ id }) => id)), fc.constantFrom(...targets))
              .chain(([from, to]) => edgeBetween(from, to)),
            { selector: identity, maxLength: 10 },
          );
    return fc.record(
      { id: fc.constant("shop"), description: text, nodes: fc.constant(nodes), edges },
      { requiredKeys: ["id", "nodes", "edges"] },
    );
  });
