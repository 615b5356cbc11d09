import type { Node } from "../../../graph/node.ts";
import { nodeExporterPort } from "../../../graph/node-types/host.ts";
import { lokiPort } from "../../../graph/node-types/monitoring.ts";
import { type ExportedEngine, exportedEngine, metricsPort, portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { isGuarded, mongodbPort, monitoredServer } from "../../database/mongodb/specification.ts";
import { isEncrypted, passwordFileOf } from "../../database/redis/specification.ts";
import { everywhere, hostInUrl, loopback, type Path, pathsFrom, tcp } from "../../host/network.ts";
import { encryptionOf, permissionsOf } from "../../message-bus/clients.ts";
import { monitorUser } from "../../message-bus/redis/specification.ts";
import type { Place } from "../../node-kind.ts";
import { isPlaced, unitsOf } from "../../node-kinds.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import { monitorPasswordFile, monitorPasswordUnit } from "../monitor-password.ts";
import { type Monitor, monitorsAt } from "../monitored.ts";

/** The metrics and logs that a host provides about itself and its nodes, because something monitors them. */
export interface Exporters {
  /** The address to listen on. It is the loopback unless the host is monitored from another host. */
  readonly listen: string;
  readonly engines: ReadonlyArray<EngineExporter>;
  readonly logs?: LogShipping;
}

/** The exporter of an engine that runs on the same host. */
export interface EngineExporter extends ExporterAccess {
  readonly engine: ExportedEngine;
  /** The port of the engine. */
  readonly port: number;
}

/** The access of an exporter to the servers that it reads. */
interface ExporterAccess {
  readonly accounts: ReadonlyArray<Account>;
  /** Whether one of them accepts only TLS, with a certificate that it has made itself. */
  readonly encrypted: boolean;
}

/** A server that asks an exporter for a password. */
export interface Account {
  /** The address that the exporter uses for the server. */
  readonly uri: string;
  /**
   * The file with the password, which only root can read. If the operator put no file there, the server has no
   * password.
   */
  readonly password: string;
  /** The unit that makes the file, if the host makes it. */
  readonly unit?: string;
}

/** The part of its journal that a host sends, and the receivers. */
export interface LogShipping {
  readonly host: string;
  /** Push addresses of Loki. */
  readonly urls: ReadonlyArray<string>;
  /** The units whose logs are sent. If it is absent, the host sends the logs of all units. */
  readonly units?: ReadonlyArray<string>;
}

/** Returns the exporters of a host; undefined if nothing monitors it or its nodes. */
export const specifyExporters = (place: Place): Exporters | undefined => {
  const monitors = monitorsAt(place);
  if (monitors.length === 0) return undefined;
  const observers = monitors
    .flatMap(({ monitoring }) => place.topology.hostsOf(monitoring.id))
    .filter(({ id }) => id !== place.host.id);
  return defined({
    listen: observers.length === 0 ? loopback : everywhere([place.host, ...observers]),
    engines: enginesOf([...new Set(monitors.map(({ target }) => target))], place),
    logs: logsOf(place, monitors),
  });
};

/** Returns the paths into a host on which its metrics are read. */
export const exporterPaths = (place: Place): ReadonlyArray<Path> =>
  monitorsAt(place).flatMap(({ monitoring, target }) =>
    [nodeExporterPort, metricsPort(target)]
      .filter((port) => port !== undefined)
      .flatMap((port) => pathsFrom(place.topology, place.host, tcp(monitoring.id, target.id, port))),
  );

/**
 * Returns one exporter for each engine. A host runs each engine once, except Redis, whose exporter reads several
 * servers.
 */
const enginesOf = (targets: ReadonlyArray<Node>, place: Place): ReadonlyArray<EngineExporter> => {
  const engines = targets.flatMap((target) => {
    const engine = exportedEngine(target);
    const port = portOf(target);
    return engine === undefined || port === undefined ? [] : [{ engine, port, ...accessOf(target, place) }];
  });
  return [...Map.groupBy(engines, ({ engine }) => engine).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const accounts = alike.flatMap((exporter) => exporter.accounts);
    return [{ ...first, accounts, encrypted: alike.some(({ encrypted }) => encrypted) }];
  });
};

const logsOf = ({ topology, host }: Place, monitors: ReadonlyArray<Monitor>): LogShipping | undefined => {
  const readers = monitors.filter(({ monitoring }) => monitoring.logs === true);
  if (readers.length === 0) return undefined;
  const receivers = new Set(readers.flatMap(({ monitoring }) => topology.hostsOf(monitoring.id)));
  const targets = readers.map(({ target }) => target);
  const units = targets.flatMap((target) => (isPlaced(target) ? unitsOf(target, { topology, host }) : []));
  return defined({
    host: host.id,
    urls: [...receivers]
      .map(({ id, address }) => `http://${id === host.id ? loopback : hostInUrl(address)}:${lokiPort}/loki/api/v1/push`)
      .sort(),
    units: targets.some(({ type }) => type === "host") ? undefined : [...new Set(units)].sort(),
  });
};

/**
 * Returns the access that the exporter of a node on a host needs. The servers of PostgreSQL and MySQL recognize their
 * exporter as a user of the host. NATS and RabbitMQ show their metrics to everyone who reaches the port for them.
 */
const accessOf = (node: Node, at: Place): ExporterAccess => {
  const redis = redisTargetOf(node, at);
  if (redis !== undefined)
    return {
      accounts: redis.account === undefined ? [] : [redis.account],
      encrypted: redis.uri.startsWith("rediss:"),
    };
  return { accounts: mongodbAccounts(node, at), encrypted: false };
};

const mongodbAccounts = (node: Node, at: Place): ReadonlyArray<Account> =>
  node.type === "database" && node.engine === "mongodb" && isGuarded(node, at)
    ? [
        {
          uri: `mongodb://${loopback}:${mongodbPort(node)}`,
          password: monitorPasswordFile(monitoredServer),
          unit: monitorPasswordUnit(monitoredServer),
        },
      ]
    : [];

/**
 * The access of a host's exporter to a Redis server there: the server's address, and its account if it may have one.
 */
export interface RedisTarget {
  readonly uri: string;
  readonly account?: Account;
}

/**
 * Returns the Redis server of a node on a host; undefined if the node has none. Since version 1.69, redis_exporter
 * takes a user from the URI, and looks for the password of exactly that URI.
 */
export const redisTargetOf = (node: Node, at: Place): RedisTarget | undefined => {
  const address = `${loopback}:${portOf(node) ?? 6379}`;
  if (node.type === "database" && node.engine === "redis") {
    const uri = `${isEncrypted(node, at) ? "rediss" : "redis"}://${address}`;
    return { uri, account: { uri, password: passwordFileOf(node, at) } };
  }
  if (node.type === "message-bus" && node.engine === "redis") {
    const scheme = encryptionOf(at.topology, node.id).encrypted ? "rediss" : "redis";
    if (permissionsOf(at.topology, node.id).length === 0) return { uri: `${scheme}://${address}` };
    const server = redisUnit(node.id);
    const uri = `${scheme}://${monitorUser}@${address}`;
    return { uri, account: { uri, password: monitorPasswordFile(server), unit: monitorPasswordUnit(server) } };
  }
  return undefined;
};
