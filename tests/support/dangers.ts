import { Result } from "effect";
import type { GraphDocument } from "../../src/domain/graph/document.ts";
import { decodeGraphDocument } from "../../src/domain/graph/problems.ts";

/*
 * A small shop whose data can be lost in many ways, and one edit for each. `lines` are what plan, diff and reviewers say,
 * as the beginning of each line. A line about a loss begins with `!`.
 */

type Part = Readonly<Record<string, unknown>>;

const host = (id: string, last: number, more: Part = {}): Part => ({
  id,
  type: "host",
  system: "x86_64-linux",
  address: `10.1.0.${last}`,
  rootDevice: "/dev/vda1",
  ...more,
});

const nodes: Readonly<Record<string, Part>> = {
  north: host("north", 1, { ssh: { user: "root", port: 22 } }),
  south: host("south", 2),
  till: {
    id: "till",
    type: "service",
    command: "/run/current-system/sw/bin/till",
    port: 8080,
    healthCheck: { kind: "tcp" },
  },
  orders: {
    id: "orders",
    type: "database",
    engine: "postgresql",
    version: "16",
    databases: ["shop"],
    backupSchedule: "0 2 * * *",
  },
  disk: {
    id: "disk",
    type: "storage",
    kind: "block-storage",
    size: "10Gi",
    mountPath: "/var/lib/postgresql",
    accessMode: "read-write-once",
    device: "/dev/vdb",
  },
  sessions: { id: "sessions", type: "database", engine: "redis", backupSchedule: "0 3 * * *" },
  news: {
    id: "news",
    type: "message-bus",
    engine: "nats",
    persistence: true,
    topics: [{ name: "sold", retentionHours: 72 }],
  },
};

const on = (from: string, to: string): Part => ({ from, to, type: "runs-on" });
const edges: ReadonlyArray<Part> = [
  on("till", "north"),
  on("sessions", "north"),
  on("orders", "south"),
  on("disk", "south"),
  on("news", "south"),
  { from: "orders", to: "disk", type: "mounts-volume" },
  { from: "till", to: "orders", type: "depends-on" },
  { from: "till", to: "orders", type: "connects-to", protocol: "postgresql", encrypted: true },
  { from: "till", to: "sessions", type: "connects-to", protocol: "tcp", encrypted: true },
];

const decoded = (changed: Readonly<Record<string, Part>>, ways = edges): GraphDocument =>
  Result.getOrThrow(decodeGraphDocument({ id: "shop", nodes: Object.values(changed), edges: ways }));

const edited = (id: string, changes: Part, ways = edges): GraphDocument => {
  const before = nodes[id] ?? {};
  const after = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined);
  return decoded({ ...nodes, [id]: Object.fromEntries(after) }, ways);
};
const without = (id: string, ways: ReadonlyArray<Part>): GraphDocument =>
  decoded(Object.fromEntries(Object.entries(nodes).filter(([name]) => name !== id)), ways);
const replaced = (from: string, to: string): ReadonlyArray<Part> =>
  edges.map((edge) => ({
    ...edge,
    from: edge.from === from ? to : edge.from,
    to: edge.to === from ? to : edge.to,
  }));

export const shop = decoded(nodes);

export interface Danger {
  readonly name: string;
  readonly graph: GraphDocument;
  readonly lines: ReadonlyArray<string>;
}

export const dangers: ReadonlyArray<Danger> = [
  {
    name: "a database is removed",
    graph: without(
      "orders",
      edges.filter(({ from, to }) => from !== "orders" && to !== "orders"),
    ),
    lines: ["orders on south is left behind: it is no longer in the graph: its data stay in /var/lib/postgresql/16"],
  },
  {
    name: "another major version",
    graph: edited("orders", { version: "17" }),
    lines: ["!orders on south becomes empty: version 17 does not read the data of version 16"],
  },
  { name: "another port of ssh", graph: edited("north", { ssh: { user: "root", port: 2222 } }), lines: [] },
  {
    name: "another address",
    graph: edited("north", { address: "10.1.9.1" }),
    lines: ["sessions on north stays: if 10.1.9.1 is the machine that was reached at 10.1.0.1"],
  },
  {
    name: "another device",
    graph: edited("disk", { device: "/dev/vdc" }),
    lines: [
      "!disk on south becomes empty: it begins with what is on /dev/vdc",
      "!orders on south becomes empty: it looks for its data in /var/lib/postgresql/16 (disk /dev/vdc)",
    ],
  },
  {
    name: "another mount path",
    graph: edited("disk", { mountPath: "/data/pg" }),
    lines: [
      "disk on south stays: it is seen at /data/pg",
      "!orders on south becomes empty: it looks for its data in /data/pg/orders/16 (disk /dev/vdb)",
    ],
  },
  {
    name: "a database moves with its volume",
    graph: decoded(
      nodes,
      edges.map((edge) =>
        ["orders", "disk"].includes(String(edge.from)) && edge.type === "runs-on" ? { ...edge, to: "north" } : edge,
      ),
    ),
    lines: [
      "!disk on south becomes empty: it goes to north and begins empty there",
      "!orders on south becomes empty: it goes to north and begins empty there; what it has here stays in /var/lib/postgresql/16",
    ],
  },
  {
    name: "a database is renamed, and its folder is not",
    graph: decoded({ ...nodes, orders: { ...nodes.orders, id: "sales" } }, replaced("orders", "sales")),
    lines: ["orders on south stays: `sales` takes its place, and finds its data in /var/lib/postgresql/16"],
  },
  {
    name: "a database is renamed, and its folder with it",
    graph: decoded({ ...nodes, sessions: { ...nodes.sessions, id: "carts" } }, replaced("sessions", "carts")),
    lines: [
      "!sessions on north becomes empty: `carts` takes its place and begins empty; what it has stays in /var/lib/redis-sessions",
    ],
  },
  {
    name: "another engine",
    graph: edited(
      "orders",
      { engine: "mysql", version: undefined },
      edges.map((edge) => (edge.protocol === "postgresql" ? { ...edge, protocol: "mysql" } : edge)),
    ),
    lines: ["!orders on south becomes empty: mysql takes the place of postgresql"],
  },
  {
    name: "a cache keeps nothing any more",
    graph: edited("sessions", { persistent: false, backupSchedule: undefined }),
    lines: ["!sessions on north becomes empty: it keeps nothing on the disk any more"],
  },
  {
    name: "a database on a volume is said to be volatile",
    graph: edited("orders", { persistent: false, backupSchedule: undefined }),
    lines: ["orders on south stays: `persistent` is false, and its data stay all the same"],
  },
  {
    name: "a topic is removed",
    graph: edited("news", { topics: [] }),
    lines: ["news on south is left behind: the messages of `sold` stay on the bus"],
  },
  {
    name: "a shorter retention",
    graph: edited("news", { topics: [{ name: "sold", retentionHours: 1 }] }),
    lines: ["!news on south is destroyed: messages of `sold` older than 1 h are deleted at once"],
  },
  {
    name: "a bus keeps nothing any more",
    graph: edited("news", { persistence: false, topics: [{ name: "sold" }] }),
    lines: ["!news on south becomes empty: it keeps nothing on the disk any more"],
  },
  {
    name: "a host is removed",
    graph: without(
      "north",
      edges.map((edge) => (edge.to === "north" ? { ...edge, to: "south" } : edge)),
    ),
    lines: ["!sessions on north becomes empty: it goes to south and begins empty there"],
  },
  {
    name: "a host is renamed",
    graph: decoded({ ...nodes, north: { ...nodes.north, id: "arctic" } }, replaced("north", "arctic")),
    lines: [],
  },
  { name: "another user of ssh", graph: edited("north", { ssh: { user: "ops", port: 22 } }), lines: [] },
  {
    name: "another name of a database",
    graph: edited("orders", { databases: ["shop2"] }),
    lines: ["!orders on south becomes empty: `shop2` begins empty; `shop` stays in the server"],
  },
  {
    name: "a backup ends",
    graph: edited("orders", { backupSchedule: undefined }),
    lines: ["orders on south stays: its backup ends"],
  },
  {
    name: "a disk becomes a folder",
    graph: edited("disk", { kind: "local-disk", device: undefined }),
    lines: ["!disk on south becomes empty: it begins with what is on the folder", "!orders on south becomes empty"],
  },
];
