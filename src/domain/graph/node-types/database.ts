import { Schema, Struct } from "effect";
import { List } from "../../kernel/mod.ts";
import { edgeIdentity, isUdp } from "../edge.ts";
import {
  always,
  anotherPort,
  askedResources,
  identity,
  type NodeRule,
  type NodeTypeDefinition,
  none,
  nothing,
  type PortUse,
} from "../node-type.ts";
import { hostIdsOf } from "../placement.ts";
import { error, type Problem, warning } from "../problem.ts";
import {
  AbsolutePath,
  CronExpression,
  DatabaseName,
  described,
  NonEmptyText,
  optional,
  Port,
  Resources,
} from "../values.ts";

/** The facts about a database engine. */
interface DatabaseEngineFacts {
  /** The default TCP port of clients; undefined if the database is a file. */
  readonly port: number | undefined;
  /** The port of the exporter's metrics; undefined without an exporter. */
  readonly exporterPort: number | undefined;
  /** Whether a host can run it only once. */
  readonly onceAHost: boolean;
  /** Why it cannot have standbys, with the remedy; undefined if it can. */
  readonly standbyFault: string | undefined;
}

/** The database engines. A new one needs an entry here and a folder in `domain/nix/database`. */
export const databaseEngines = {
  postgresql: { port: 5432, exporterPort: 9187, onceAHost: true, standbyFault: undefined },
  mysql: { port: 3306, exporterPort: 9104, onceAHost: true, standbyFault: undefined },
  mongodb: { port: 27_017, exporterPort: 9216, onceAHost: true, standbyFault: undefined },
  redis: { port: 6379, exporterPort: 9121, onceAHost: false, standbyFault: undefined },
  sqlite: {
    port: undefined,
    exporterPort: undefined,
    onceAHost: false,
    standbyFault: "SQLite databases are files and have no standbys: choose another engine",
  },
} as const satisfies Readonly<Record<string, DatabaseEngineFacts>>;
export type DatabaseEngine = keyof typeof databaseEngines;

/** A database. `persistent` by default. */
export const DatabaseNode = Schema.Struct({
  ...identity("database"),
  engine: described(Schema.Literals(Struct.keys(databaseEngines)), "The program that keeps the data."),
  version: optional(NonEmptyText, "The version of the engine, such as `16`; the newest that is known unless given."),
  persistent: optional(Schema.Boolean, "Whether the data outlives a restart; true unless given."),
  port: optional(Port, "The TCP port that clients use; the engine's usual one unless given."),
  databases: optional(List(DatabaseName), "The databases that are made in the server."),
  backupSchedule: optional(CronExpression, "When backups are made, as a cron expression of five fields."),
  backupCopyTo: optional(
    AbsolutePath,
    "A folder of the host on another disk, such as a network share, to which the backups are copied too.",
  ),
  resources: optional(Resources, askedResources),
}).annotate({ identifier: "DatabaseNode" });
export type DatabaseNode = typeof DatabaseNode.Type;

const factsOf = ({ engine }: DatabaseNode): DatabaseEngineFacts => databaseEngines[engine];

const portOf = (node: DatabaseNode): number | undefined => {
  const { port } = factsOf(node);
  return port === undefined ? undefined : (node.port ?? port);
};

/**
 * Returns the port for other Redis servers if the main port uses TLS. Redis has one port for each kind of connection.
 */
export const redisServersPort = (port: number): number => (port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000);

/** Returns the port for standbys of a Redis server that uses TLS for clients on other hosts. */
const innerPorts: NodeTypeDefinition<DatabaseNode>["innerPorts"] = (node, host, graph) => {
  const port = portOf(node);
  const [first, ...others] = hostIdsOf(graph.placements, node.id);
  if (node.engine !== "redis" || port === undefined || first !== host) return [];
  const isCopied = others.length > 0 || graph.to(node.id, "replicates").some(({ from }) => from !== node.id);
  const speaksTls = graph
    .to(node.id, "connects-to")
    .filter((edge) => edge.encrypted === true && !isUdp(edge.protocol) && (edge.port ?? port) === port)
    .some((edge) => hostIdsOf(graph.placements, edge.from).some((from) => from !== host));
  return isCopied && speaksTls
    ? [{ port: redisServersPort(port), node: node.id, what: "its port for standbys", choice: anotherPort }]
    : [];
};

/** Returns the exporter of an engine, which a host runs once for all its nodes with that engine. */
export const exporterPorts = (node: string, engine: string, port: number | undefined): ReadonlyArray<PortUse> =>
  port === undefined ? [] : [{ port, node, what: `the ${engine} exporter`, shared: true }];

/**
 * `no-backup`: a persistent database without `backupSchedule`. A standby is a copy of its primary and needs none. A
 * primary needs none if a standby has one.
 */
export const backups: NodeRule<DatabaseNode> = (databases, graph) => {
  const saved = new Set(databases.flatMap(({ id, backupSchedule }) => (backupSchedule === undefined ? [] : [id])));
  const isCovered = (id: string): boolean =>
    saved.has(id) ||
    graph.from(id, "replicates").some(({ to }) => to !== id) ||
    graph.to(id, "replicates").some(({ from }) => from !== id && saved.has(from));
  return databases
    .filter(({ id, persistent }) => persistent !== false && !isCovered(id))
    .map(({ id }) =>
      warning(
        "no-backup",
        { nodes: [id] },
        `database \`${id}\`: it keeps data and is never backed up: add \`backupSchedule\`, or \`persistent: false\``,
      ),
    );
};

/** `invalid-config`: a copy of backups that are not made, or a copy on the same disk. */
const copiesElsewhere: NodeRule<DatabaseNode> = (databases) =>
  databases.flatMap(({ id, backupSchedule, backupCopyTo }) => {
    if (backupCopyTo === undefined) return [];
    const fault =
      backupSchedule === undefined
        ? "it needs `backupSchedule`"
        : /^\/+var\/+backup(?:\/|$)/.test(backupCopyTo)
          ? "the backups themselves are below /var/backup: name a folder on another disk"
          : undefined;
    return fault === undefined
      ? []
      : [error("invalid-config", { nodes: [id] }, `database \`${id}\`: \`backupCopyTo\` is ${backupCopyTo}: ${fault}`)];
  });

/** Returns every circle of databases in which each one replicates the next. */
const circlesIn = (following: ReadonlyMap<string, { readonly to: string }>): ReadonlyArray<ReadonlyArray<string>> => {
  const circles: Array<ReadonlyArray<string>> = [];
  const done = new Set<string>();
  for (const start of [...following.keys()].sort()) {
    const walk = new Set<string>();
    let at: string | undefined = start;
    for (; at !== undefined && !done.has(at) && !walk.has(at); at = following.get(at)?.to) walk.add(at);
    const steps = [...walk];
    if (at !== undefined && walk.has(at)) circles.push(steps.slice(steps.indexOf(at)));
    for (const step of steps) done.add(step);
  }
  return circles;
};

/**
 * `invalid-edge` for replication: between different engines, with an engine that cannot replicate, from a standby that
 * already has a primary, or in a circle. (A database that is its own standby is a problem of the edge's ends.)
 */
const replication: NodeRule<DatabaseNode> = (databases, graph) => {
  const byId = new Map(databases.map((database) => [database.id, database]));
  const edges = graph.edges.filter((edge) => edge.type === "replicates").filter(({ from, to }) => from !== to);
  const following = new Map<string, (typeof edges)[number]>();
  const problems: Array<Problem> = [];
  const report = (edge: (typeof edges)[number], why: string) => {
    const identity = edgeIdentity(edge);
    problems.push(
      error("invalid-edge", { nodes: [edge.from, edge.to], edges: [identity] }, `edge \`${identity}\`: ${why}`),
    );
  };
  for (const edge of edges) {
    const [standby, primary] = [byId.get(edge.from), byId.get(edge.to)];
    if (standby !== undefined && primary !== undefined) {
      const fault = factsOf(standby).standbyFault;
      if (standby.engine !== primary.engine)
        report(
          edge,
          `\`${edge.from}\` runs ${standby.engine} and \`${edge.to}\` runs ${primary.engine}: choose a standby of the same engine`,
        );
      else if (fault !== undefined) report(edge, fault);
    }
    const known = following.get(edge.from);
    if (known === undefined) following.set(edge.from, edge);
    else if (known.to !== edge.to)
      report(
        edge,
        `\`${edge.from}\` is a standby of \`${known.to}\` already and follows one primary: remove one of the edges`,
      );
  }
  for (const circle of circlesIn(following)) {
    const [first] = circle;
    const edge = first === undefined ? undefined : following.get(first);
    const round = [...circle, first].map((id) => `\`${id}\``).join(" → ");
    if (edge !== undefined)
      report(edge, `databases ${round} replicate each other, so none is the primary: remove one of the edges`);
  }
  return problems;
};

export const database: NodeTypeDefinition<DatabaseNode> = {
  schema: DatabaseNode,
  meaning: "A database; `persistent` unless it says otherwise.",
  port: portOf,
  portUse: { choice: anotherPort },
  innerPorts,
  programs: none,
  metricsPort: (node) => factsOf(node).exporterPort,
  monitoredPorts: (node) => exporterPorts(node.id, node.engine, factsOf(node).exporterPort),
  onceAHost: (node) => (factsOf(node).onceAHost ? node.engine : undefined),
  needsHost: always,
  encryptionRemedy: nothing,
  picture: { detail: ({ engine }) => engine, mermaid: ["[(", ")]"], graphviz: "cylinder" },
  rules: [backups, copiesElsewhere, replication],
};
