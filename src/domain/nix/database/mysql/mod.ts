import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt, databasesOf, ownerSecrets, replicationPassword } from "../access.ts";
import { backupUnits, calendarsOf } from "../backup.ts";
import { type DataFolder, dataFolderOf, dataFolderUnit } from "../data-folder.ts";
import { isFirst, rootOf, standbysOf, type Upstream, upstreamOf } from "../replication.ts";
import { accountUnit } from "./accounts.ts";
import { mysqlOptions } from "./options.ts";
import { standbyUnit } from "./standby.ts";

/** The MySQL server of a host. */
export interface MysqlSpecification {
  readonly type: "database";
  readonly engine: "mysql";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** Each is owned by a user of the same name. */
  readonly databases: ReadonlyArray<string>;
  /** It has clients or standbys on other hosts. Without any it listens on the loopback only. */
  readonly reachable: boolean;
  /** TLS, with the names that the certificate is good for; clients without it are let in where the graph has such. */
  readonly tls?: { readonly subjects: ReadonlyArray<string>; readonly plain: boolean };
  /** Another server copies this one. */
  readonly isCopied: boolean;
  /** What it copies. */
  readonly upstream?: Upstream;
  /** The server's own number among all that hold the same data. */
  readonly serverId: number;
  /** The file with the password of the user that standbys log in as. */
  readonly replicationPassword: string;
  readonly folder?: DataFolder;
  /** `OnCalendar` expressions of the backup. */
  readonly backups: ReadonlyArray<string>;
}

type PlacedServer = Omit<MysqlSpecification, "unit">;

/** Schemas that every server has, and nobody else may own. */
const reserved = new Set(["information_schema", "mysql", "performance_schema", "sys"]);

/** FNV-1a, 32 bits: the same number for a server as long as its node and its host are called the same. */
const serverIdOf = (name: string): number =>
  [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5) || 1;

const serverAt = (node: DatabaseNode, at: Place): PlacedServer => {
  const upstream = upstreamOf(node, at);
  const folder = dataFolderOf(node, at, "/var/lib/mysql");
  const clients = clientsAt(node, at);
  const isCopied = standbysOf(node, at).length > 0;
  return {
    type: "database",
    engine: "mysql",
    id: node.id,
    port: portOf(node) ?? 3306,
    databases: databasesOf(node).filter((name) => !reserved.has(name.toLowerCase())),
    reachable: isCopied || clients.length > 0,
    isCopied,
    serverId: serverIdOf(`${node.id}/${at.host.id}`),
    replicationPassword: replicationPassword(rootOf(node, at.topology).id),
    backups: isFirst(node, at) ? calendarsOf(node) : [],
    ...(clients.some(({ encrypted }) => encrypted)
      ? { tls: { subjects: subjectsOf(node.id, at.host), plain: clients.some(({ encrypted }) => !encrypted) } }
      : {}),
    ...(upstream === undefined ? {} : { upstream }),
    ...(folder === undefined ? {} : { folder }),
    ...(node.version === undefined ? {} : { version: node.version }),
  };
};

export const mysql: NodeKind<DatabaseNode, MysqlSpecification> = {
  unit: () => "mysql.service",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      "mysql.service",
      ...(server.tls === undefined ? [] : [certificateUnit("mysql")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      server.upstream === undefined ? accountUnit : standbyUnit,
      ...backupUnits(node.id, server.backups),
    ];
  },
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  ownPaths: (node, at) =>
    isFirst(node, at) ? pathsFrom(at.topology, at.host, tcp(node.id, node.id, portOf(node) ?? 3306)) : [],
  secrets: ({ id, databases, upstream, isCopied, replicationPassword: path }) => [
    ...(upstream === undefined ? ownerSecrets(id, databases) : []),
    ...(upstream === undefined && !isCopied
      ? []
      : [
          {
            ...{ path, node: id },
            content: "password that standbys of MySQL log in with, at most 32 characters; the same on all their hosts",
          },
        ]),
  ],
  options: mysqlOptions,
};
