import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateFile, certificateOptions, keyFile } from "../../unit/certificate.ts";
import { unitBindings } from "../../unit/systemd.ts";
import { type Backup, backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions, isVolatile } from "../data-folder.ts";
import { packageOfVersion } from "../version.ts";
import { authentication, ensuredUsers, passwordOptions } from "./access.ts";
import type { PostgresqlSpecification } from "./mod.ts";
import { connectionInfo, standbyOptions, standbyUnit } from "./standby.ts";

/** The options of a host with a PostgreSQL server. */
export const postgresqlOptions = (specification: PostgresqlSpecification): ReadonlyArray<Binding> => [
  binding("services.postgresql", attributes(serverOptions(specification))),
  ...unitBindings("postgresql", specification.unit),
  ...folderOptions(specification),
  ...certificateOptions(specification.tls, { server: "postgresql", user: "postgres", unit: "postgresql.service" }),
  ...(specification.upstream === undefined
    ? passwordOptions(specification)
    : standbyOptions(specification, specification.upstream)),
  ...backupOptions(backupOf(specification)),
];

const serverOptions = (specification: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const { id, version, databases, clients, standbys, upstream, folder } = specification;
  const owned = upstream === undefined ? databases : [];
  const users = upstream === undefined ? ensuredUsers(specification) : [];
  const access = authentication(specification);
  return [
    binding("enable", boolean(true)),
    ...(version === undefined
      ? []
      : [binding("package", packageOfVersion(id, version, `postgresql_${version.split(".")[0]}`))]),
    ...(folder === undefined ? [] : [binding("dataDir", dataDirectory(folder))]),
    binding("enableTCPIP", boolean(clients.length + standbys.length > 0)),
    ...(owned.length === 0 ? [] : [binding("ensureDatabases", strings(owned))]),
    ...(users.length === 0 ? [] : [binding("ensureUsers", list(users))]),
    ...(access === "" ? [] : [binding("authentication", string(access))]),
    binding("settings", attributes(settings(specification))),
  ];
};

/** The folder of one major version: data of another one cannot be read. */
const dataDirectory = (folder: DataFolder): Expression =>
  interpolation(`${folder.path}/`, reference("config", "services", "postgresql", "package", "psqlSchema"));

const folderOptions = ({ id, folder, upstream }: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const units = ["postgresql.service", ...(upstream === undefined ? [] : [standbyUnit])];
  return folder === undefined
    ? []
    : dataFolderOptions({ node: id, user: "postgres", units }, folder, [dataDirectory(folder)]);
};

const settings = (specification: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const { port, unit, tls, standbys, upstream, folder } = specification;
  const { memoryMb } = unit.limits;
  return [
    binding("port", integer(port)),
    // A quarter of the memory, as PostgreSQL's manual advises.
    ...(memoryMb === undefined ? [] : [binding("shared_buffers", string(`${megabytes(memoryMb / 4)}MB`))]),
    ...(tls === undefined
      ? []
      : [
          binding("ssl", boolean(true)),
          binding("ssl_cert_file", string(certificateFile("postgresql"))),
          binding("ssl_key_file", string(keyFile("postgresql"))),
        ]),
    // A crash of the host may leave such data unreadable, so they are not read again after its next boot.
    ...(isVolatile(folder)
      ? ["fsync", "full_page_writes", "synchronous_commit"].map((name) => binding(name, boolean(false)))
      : []),
    ...(upstream === undefined && standbys.length === 0
      ? []
      : [
          binding("wal_level", string("replica")),
          // Standbys need at least as many as what they copy.
          binding("max_wal_senders", integer(64)),
          // A standby that has been away for more changes than these is copied anew.
          binding("wal_keep_size", string("2GB")),
        ]),
    ...(upstream === undefined ? [] : [binding("primary_conninfo", string(connectionInfo(upstream)))]),
  ];
};

/** Between one and 8 TiB, which is the most that PostgreSQL takes. */
const megabytes = (value: number): number => Math.max(1, Math.min(8_388_607, Math.floor(value)));

const backupOf = ({ id, databases, port, backups }: PostgresqlSpecification): Backup => {
  const connection = ["--port", String(port)];
  return {
    ...{ node: id, calendars: backups, user: "postgres", after: ["postgresql.target"] },
    path: [reference("config", "services", "postgresql", "package")],
    copies:
      databases.length === 0
        ? [{ name: id, suffix: "sql", command: ["pg_dumpall", ...connection] }]
        : databases.map((name) => ({
            ...{ name, suffix: "sql" },
            command: ["pg_dump", ...connection, "--create", "--dbname", name],
          })),
  };
};
