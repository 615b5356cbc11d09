import { loopback } from "../../host/network.ts";
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
} from "../../language/expression.ts";
import { certificateFile, certificateOptions, keyFile } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, unitBindings } from "../../unit/systemd.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import { ownerPassword, replicationRole } from "../access.ts";
import { type Backup, backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions, isVolatile } from "../data-folder.ts";
import type { Upstream } from "../replication.ts";
import { packageOfVersion, versionChecked } from "../version.ts";
import type { MysqlSpecification } from "./specification.ts";

/** The options of a host with a MySQL server. */
export const mysqlOptions = (specification: MysqlSpecification): ReadonlyArray<Binding> => [
  binding("services.mysql", attributes(serverOptions(specification))),
  ...unitBindings("mysql", specification.unit),
  ...folderOptions(specification),
  ...certificateOptions(specification.tls, { server: "mysql", user: "mysql", unit: "mysql.service" }),
  specification.upstream === undefined
    ? accountOptions(specification)
    : standbyOptions(specification, specification.upstream),
  ...backupOptions(backupOf(specification)),
];

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

/** nixpkgs names its packages by the series of MySQL. This series has long-term support. */
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
    // MySQL's X protocol would listen on another port, which no edge opens.
    binding("mysqlx", string("OFF")),
    // If MySQL looked up names, it would treat TCP clients on the host as users of its socket.
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
    // The server need not write volatile data to the disk before it commits a change.
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

/**
 * Returns the settings for replication. Transactions have global numbers, so a standby finds its place in any log that
 * contains them.
 */
const replicationSettings = ({ serverId, isCopied, upstream }: MysqlSpecification): ReadonlyArray<Binding> =>
  upstream === undefined && !isCopied
    ? []
    : [
        binding("server-id", integer(serverId)),
        binding("gtid-mode", string("ON")),
        binding("enforce-gtid-consistency", string("ON")),
        ...(upstream === undefined ? [] : [binding("read-only", boolean(true))]),
      ];

/** Returns the user that owns a database. MySQL allows 32 characters in the name of a user. */
const ownerOf = (database: string): string => database.slice(0, 32);

/** Returns the tables of a database as GRANT names them. There, an unescaped `_` would match any character. */
const tablesOf = (database: string): string => `\`${database.replaceAll("_", "\\_")}\`.*`;

/**
 * Returns the owners of databases. An owner logs in as the user of the same name on the host. NixOS pastes their rights
 * into double quotes of a shell.
 */
const ensuredUsers = (databases: ReadonlyArray<string>): ReadonlyArray<Expression> =>
  databases.map((database) =>
    attributes([
      binding("name", string(ownerOf(database))),
      binding(
        ["ensurePermissions", tablesOf(database).replaceAll(/[\\`]/g, (found) => `\\${found}`)],
        string("ALL PRIVILEGES"),
      ),
    ]),
  );

/** The rights that a standby needs to copy another server and to follow it. */
const replicationPrivileges =
  "REPLICATION SLAVE, REPLICATION CLIENT, SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, PROCESS, LOCK TABLES";

const accountName = "cim-mysql-accounts";

export const accountUnit = `${accountName}.service`;

/** Returns the unit that makes users who log in with the passwords that the operator has put on the host. */
const accountOptions = ({ id, databases, isCopied, replicationPassword }: MysqlSpecification): Binding => {
  const users = [
    ...databases.map((name) => [ownerOf(name), "ALL PRIVILEGES", tablesOf(name), ownerPassword(id, name)]),
    ...(isCopied ? [[replicationRole, replicationPrivileges, "*.*", replicationPassword]] : []),
  ];
  return taskOptions({
    name: accountName,
    description: `Sets the passwords of the users of ${id}`,
    settings: [
      ...afterServer("mysql.service", "mysql.service"),
      binding("path", list([reference("config", "services", "mysql", "package")])),
    ],
    command: commandLine(programPath("mysqlAccounts"), users.flat()),
  });
};

const standbyName = "cim-mysql-standby";

export const standbyUnit = `${standbyName}.service`;

/**
 * Returns the unit that copies the upstream once and makes the server follow it. The unit repeats this until the
 * upstream answers.
 */
const standbyOptions = ({ id, replicationPassword }: MysqlSpecification, upstream: Upstream): Binding =>
  taskOptions({
    name: standbyName,
    description: `Makes ${id} a standby of ${upstream.node}`,
    settings: [
      binding("wantedBy", strings(["multi-user.target"])),
      binding("after", strings(["mysql.service", "network-online.target"])),
      binding("requires", strings(["mysql.service"])),
      binding("wants", strings(["network-online.target"])),
      binding("path", list([reference("config", "services", "mysql", "package")])),
    ],
    remains: true,
    user: "mysql",
    serviceConfig: credentialBindings({ replication: replicationPassword }),
    command: commandLine(programPath("mysqlStandby"), [upstream.address, String(upstream.port), replicationRole]),
    retrySeconds: 30,
  });

const backupOf = ({ id, databases, backups }: MysqlSpecification): Backup => {
  const options = ["--single-transaction", "--routines", "--events", "--triggers", "--set-gtid-purged=OFF"];
  return {
    node: id,
    plan: backups,
    user: "mysql",
    after: ["mysql.service"],
    path: [reference("config", "services", "mysql", "package")],
    copies:
      databases.length === 0
        ? [{ name: id, suffix: "sql", command: ["mysqldump", ...options, "--all-databases"] }]
        : databases.map((name) => ({ name, suffix: "sql", command: ["mysqldump", ...options, "--databases", name] })),
  };
};
