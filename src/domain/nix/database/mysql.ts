import type { DatabaseNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { loopback } from "../host/addresses.ts";
import { pathsFrom, tcp } from "../host/network.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  list,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import type { NodeKind, Place } from "../node-kind.ts";
import { certificateFile, certificateOptions, certificateUnit, keyFile, subjectsOf } from "../unit/certificate.ts";
import { type UnitRequirements, unitBindings } from "../unit/systemd.ts";
import { type Backup, backupOptions, backupUnits, calendarsOf } from "./backup.ts";
import { type DataFolder, dataFolderOf, dataFolderOptions, dataFolderUnit, isVolatile } from "./data-folder.ts";
import { clientsAt, databasesOf, ownerSecrets, replicationPassword } from "./database-access.ts";
import { accountOptions, accountUnit, ensuredUsers } from "./mysql-accounts.ts";
import { replicationSettings, standbyOptions, standbyUnit } from "./mysql-standby.ts";
import { isFirst, rootOf, standbysOf, type Upstream, upstreamOf } from "./replication.ts";
import { packageOfVersion, versionChecked } from "./version.ts";

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
  options: (specification) => [
    binding("services.mysql", attributes(serverOptions(specification))),
    ...unitBindings("mysql", specification.unit),
    ...folderOptions(specification),
    ...(specification.tls === undefined
      ? []
      : [
          certificateOptions({
            ...{ server: "mysql", user: "mysql", unit: "mysql.service" },
            subjects: specification.tls.subjects,
          }),
        ]),
    ...(specification.upstream === undefined
      ? accountOptions(specification)
      : standbyOptions(specification, specification.upstream)),
    ...backupOptions(backupOf(specification)),
  ],
};

const serverOptions = (specification: MysqlSpecification): ReadonlyArray<Binding> => {
  const { folder, databases, upstream } = specification;
  const owned = upstream === undefined ? databases : [];
  return [
    binding("enable", boolean(true)),
    binding("package", packageOf(specification)),
    ...(folder === undefined ? [] : [binding("dataDir", string(dataDirectory(folder)))]),
    ...(owned.length === 0
      ? []
      : [binding("ensureDatabases", strings(owned)), binding("ensureUsers", list(ensuredUsers(owned)))]),
    binding("settings.mysqld", attributes(settings(specification))),
  ];
};

/** nixpkgs names its packages by the series of MySQL; this one is supported for long. */
const usualPackage = "mysql84";

const packageOf = ({ id, version }: MysqlSpecification): Expression => {
  if (version === undefined) return reference("pkgs", usualPackage);
  const [major, minor] = version.split(".");
  return minor === undefined
    ? versionChecked(id, version, usualPackage, reference("pkgs", usualPackage))
    : packageOfVersion(id, version, `mysql${major}${minor}`);
};

const dataDirectory = ({ path }: DataFolder): string => `${path}/data`;

const folderOptions = ({ id, folder }: MysqlSpecification): ReadonlyArray<Binding> =>
  folder === undefined
    ? []
    : dataFolderOptions({ node: id, user: "mysql", units: ["mysql.service"] }, folder, [dataDirectory(folder)]);

const settings = (specification: MysqlSpecification): ReadonlyArray<Binding> => {
  const { port, reachable, tls, unit, folder } = specification;
  const { memoryMb } = unit.limits;
  return [
    binding("port", integer(port)),
    binding("bind-address", string(reachable ? "*" : loopback)),
    // Another protocol, on another port, which no edge opens.
    binding("mysqlx", string("OFF")),
    // With names, programs on the host would count as users of its socket.
    binding("skip-name-resolve", boolean(true)),
    ...(memoryMb === undefined
      ? []
      : [binding("innodb-buffer-pool-size", string(`${Math.max(5, Math.floor(memoryMb / 2))}M`))]),
    ...(tls === undefined
      ? []
      : [
          binding("ssl-cert", string(certificateFile("mysql"))),
          binding("ssl-key", string(keyFile("mysql"))),
          binding("require-secure-transport", boolean(!tls.plain)),
        ]),
    // Data that need not survive are not written before a change counts as made.
    ...(isVolatile(folder)
      ? [
          binding("innodb-flush-log-at-trx-commit", integer(0)),
          binding("innodb-doublewrite", string("OFF")),
          binding("sync-binlog", integer(0)),
        ]
      : []),
    ...replicationSettings(specification),
  ];
};

const backupOf = ({ id, databases, backups }: MysqlSpecification): Backup => {
  const options = ["--single-transaction", "--routines", "--events", "--triggers", "--set-gtid-purged=OFF"];
  return {
    ...{ node: id, calendars: backups, user: "mysql", after: ["mysql.service"] },
    path: [reference("config", "services", "mysql", "package")],
    copies:
      databases.length === 0
        ? [{ name: id, suffix: "sql", command: ["mysqldump", ...options, "--all-databases"] }]
        : databases.map((name) => ({ name, suffix: "sql", command: ["mysqldump", ...options, "--databases", name] })),
  };
};
