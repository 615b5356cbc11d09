import { loopback } from "../../host/addresses.ts";
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
import { unitBindings } from "../../unit/systemd.ts";
import { type Backup, backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions, isVolatile } from "../data-folder.ts";
import { packageOfVersion, versionChecked } from "../version.ts";
import { accountOptions, ensuredUsers } from "./accounts.ts";
import type { MysqlSpecification } from "./mod.ts";
import { replicationSettings, standbyOptions } from "./standby.ts";

/** The options of a host with a MySQL server. */
export const mysqlOptions = (specification: MysqlSpecification): ReadonlyArray<Binding> => [
  binding("services.mysql", attributes(serverOptions(specification))),
  ...unitBindings("mysql", specification.unit),
  ...folderOptions(specification),
  ...certificateOptions(specification.tls, { server: "mysql", user: "mysql", unit: "mysql.service" }),
  ...(specification.upstream === undefined
    ? accountOptions(specification)
    : standbyOptions(specification, specification.upstream)),
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
