import type { DatabaseNode } from "../../../graph/node.ts";
import { redisServersPort } from "../../../graph/node-types/database.ts";
import { portOf } from "../../../graph/ports.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { secretFile } from "../../host/secrets.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt } from "../access.ts";
import { backupUnits, calendarsOf } from "../backup.ts";
import { type DataFolder, dataFolderOf, dataFolderUnit } from "../data-folder.ts";
import { isCopied, isFirst, rootOf, standbysOf, upstreamOf } from "../replication.ts";
import { redisOptions } from "./options.ts";
import { passwordUnit } from "./password.ts";

/** A Redis server of a host. */
export interface RedisSpecification {
  readonly type: "database";
  readonly engine: "redis";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** Every change is written to disk; otherwise nothing is. */
  readonly persistent: boolean;
  /** It has clients or standbys on other hosts. Without any it listens on the loopback only. */
  readonly reachable: boolean;
  /** TLS for all clients, with the names that the certificate is good for: a port speaks TLS or does not. */
  readonly tls?: { readonly subjects: ReadonlyArray<string> };
  /** A port without TLS for standbys, where the node's own speaks it. */
  readonly standbyPort?: number;
  /** The server that it copies. */
  readonly upstream?: { readonly address: string; readonly port: number };
  /** The file with its password, and that of all servers that hold the same data. */
  readonly password: string;
  readonly folder?: DataFolder;
  /** `OnCalendar` expressions of the backup. */
  readonly backups: ReadonlyArray<string>;
}

type PlacedServer = Omit<RedisSpecification, "unit">;

/** Whether a server of a node speaks TLS to its clients, and nothing else. */
export const isEncrypted = (node: DatabaseNode, at: Place): boolean =>
  clientsAt(node, at).some(({ encrypted }) => encrypted);

/**
 * The port on which a server of a node takes those that copy it: without TLS, since servers with certificates of their
 * own cannot verify each other.
 */
const copiedPort = (node: DatabaseNode, at: Place): number => {
  const port = portOf(node) ?? 6379;
  return isEncrypted(node, at) ? redisServersPort(port) : port;
};

const upstreamAt = (node: DatabaseNode, at: Place): PlacedServer["upstream"] => {
  const upstream = upstreamOf(node, at);
  const source = upstream === undefined ? undefined : at.topology.nodes.get(upstream.node);
  if (upstream === undefined || source?.type !== "database") return undefined;
  const [host] = at.topology.hostsOf(source.id);
  return {
    address: upstream.address,
    port: host === undefined ? upstream.port : copiedPort(source, { ...at, host }),
  };
};

/** The file with the password of a server, where the operator has given it one. */
export const passwordFileOf = (node: DatabaseNode, { topology }: Place): string =>
  secretFile(rootOf(node, topology).id, "password");

const serverAt = (node: DatabaseNode, at: Place): PlacedServer => {
  const port = portOf(node) ?? 6379;
  const encrypted = isEncrypted(node, at);
  const upstream = upstreamAt(node, at);
  const folder = (node.persistent ?? true) ? dataFolderOf(node, at, `/var/lib/${redisUnit(node.id)}`) : undefined;
  return {
    type: "database",
    engine: "redis",
    id: node.id,
    port,
    persistent: node.persistent ?? true,
    reachable: standbysOf(node, at).length + clientsAt(node, at).length > 0,
    password: passwordFileOf(node, at),
    backups: isFirst(node, at) ? calendarsOf(node) : [],
    ...(encrypted ? { tls: { subjects: subjectsOf(node.id, at.host) } } : {}),
    ...(encrypted && isCopied(node, at) ? { standbyPort: redisServersPort(port) } : {}),
    ...(upstream === undefined ? {} : { upstream }),
    ...(folder === undefined ? {} : { folder }),
    ...(node.version === undefined ? {} : { version: node.version }),
  };
};

export const redis: NodeKind<DatabaseNode, RedisSpecification> = {
  unit: ({ id }) => `${redisUnit(id)}.service`,
  units: (node, at) => {
    const server = serverAt(node, at);
    const { id } = node;
    return [
      ...[`${redisUnit(id)}.service`, passwordUnit(id)],
      ...(server.tls === undefined ? [] : [certificateUnit(redisUnit(id))]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(id)]),
      ...backupUnits(id, server.backups),
    ];
  },
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  ownPaths: (node, at) =>
    standbysOf(node, at).flatMap((standby) =>
      pathsFrom(at.topology, at.host, tcp(standby.node, node.id, copiedPort(node, at))),
    ),
  secrets: ({ id, password }) => [
    {
      ...{ path: password, node: id },
      content: "password of the Redis server; without it everybody may use it whom the firewall lets in",
    },
  ],
  options: redisOptions,
};
