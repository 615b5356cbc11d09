import { addressFamily } from "../../../graph/addresses.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  force,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateFile, certificateOptions, keyFile } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, unitBindings } from "../../unit/systemd.ts";
import { afterServer, beforeUnits, taskOptions } from "../../unit/task.ts";
import { ownerPassword, replicationRole } from "../access.ts";
import { type Backup, backupOptions, type Copy, globals } from "../backup.ts";
import { type DataFolder, dataFolderOptions, isVolatile } from "../data-folder.ts";
import type { Upstream } from "../replication.ts";
import { packageOfVersion } from "../version.ts";
import { ownedDatabases, type PostgresqlSpecification } from "./specification.ts";

/** The options of a host with a PostgreSQL server. */
export const postgresqlOptions = (specification: PostgresqlSpecification): ReadonlyArray<Binding> => [
  binding("services.postgresql", attributes(serverOptions(specification))),
  ...unitBindings("postgresql", specification.unit),
  ...folderOptions(specification),
  ...certificateOptions(specification.tls, { server: "postgresql", user: "postgres", unit: "postgresql.service" }),
  ...(specification.upstream === undefined
    ? [passwordOptions(specification)]
    : standbyOptions(specification, specification.upstream)),
  slotOptions(specification),
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

/** The roles of a primary. */
const ensuredUsers = ({ databases, standbys }: PostgresqlSpecification): ReadonlyArray<Expression> => [
  ...ownedDatabases(databases).map((name) =>
    attributes([binding("name", string(name)), binding("ensureDBOwnership", boolean(true))]),
  ),
  ...(standbys.length === 0
    ? []
    : [
        attributes([
          binding("name", string(replicationRole)),
          binding("ensureClauses.login", boolean(true)),
          binding("ensureClauses.replication", boolean(true)),
        ]),
      ]),
];

/** Returns an address in the form of pg_hba.conf. If it is a name, PostgreSQL looks it up in both directions. */
const matched = (address: string): string => {
  const family = addressFamily(address);
  return family === undefined ? address : `${address.replace(/%.*$/, "")}/${family === 6 ? 128 : 32}`;
};

/**
 * Returns the lines of pg_hba.conf. They admit exactly the addresses of clients and of standbys. A client whose edge is
 * `encrypted` must use TLS.
 */
const authentication = ({ databases, clients, standbys }: PostgresqlSpecification): string => {
  const names = databases.length === 0 ? "all" : databases.map((name) => `"${name}"`).join(",");
  return [
    ...clients.map(
      ({ address, encrypted }) => `${encrypted ? "hostssl" : "host"} ${names} all ${matched(address)} scram-sha-256\n`,
    ),
    ...standbys.map((address) => `host replication ${replicationRole} ${matched(address)} scram-sha-256\n`),
  ].join("");
};

/** Returns the folder of one major version. PostgreSQL cannot read the data of another major version. */
const dataDirectory = (folder: DataFolder): Expression =>
  interpolation(`${folder.path}/`, reference("config", "services", "postgresql", "package", "psqlSchema"));

const folderOptions = ({ id, folder, upstream }: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const units = ["postgresql.service", ...(upstream === undefined ? [] : [standbyUnit])];
  return folder === undefined
    ? []
    : dataFolderOptions({ node: id, user: "postgres", units }, folder, [dataDirectory(folder)]);
};

const settings = (specification: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const { port, unit, tls, standbys, upstream, slot, folder } = specification;
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
    // A crash of the host may leave volatile data unreadable. They are deleted before the next start, so this is safe.
    ...(isVolatile(folder)
      ? ["fsync", "full_page_writes", "synchronous_commit"].map((name) => binding(name, boolean(false)))
      : []),
    ...(upstream === undefined && standbys.length === 0
      ? []
      : [
          binding("wal_level", string("replica")),
          // A standby must allow at least as many WAL senders as its primary.
          binding("max_wal_senders", integer(64)),
          binding("max_replication_slots", integer(64)),
          // The primary keeps at most this much for an absent standby, because otherwise an absence could fill the
          // primary's disk. A standby that missed more changes copies everything again.
          binding("max_slot_wal_keep_size", string(`${slotGigabytes}GB`)),
          binding("wal_keep_size", string("2GB")),
        ]),
    ...(upstream === undefined
      ? []
      : [binding("primary_conninfo", string(connectionInfo(upstream))), binding("primary_slot_name", string(slot))]),
  ];
};

/** Returns the value, limited to the range that PostgreSQL accepts: one megabyte to 8 TiB. */
const megabytes = (value: number): number => Math.max(1, Math.min(8_388_607, Math.floor(value)));

const passwordName = "cim-postgresql-passwords";

export const passwordUnit = `${passwordName}.service`;

/**
 * Returns the unit that gives roles the passwords that the operator has put on the host. It leaves a role without such
 * a file as it is.
 */
const passwordOptions = ({ id, port, databases, standbys, replicationPassword }: PostgresqlSpecification): Binding => {
  const roles = [
    ...ownedDatabases(databases).map((name) => [name, ownerPassword(id, name)]),
    ...(standbys.length === 0 ? [] : [[replicationRole, replicationPassword]]),
  ];
  return taskOptions({
    name: passwordName,
    description: `Sets the passwords of the roles of ${id}`,
    settings: [
      ...afterServer("postgresql-setup.service", "postgresql.target"),
      binding("before", strings(["postgresql.target"])),
      binding("path", list([reference("config", "services", "postgresql", "package")])),
    ],
    command: commandLine(programPath("postgresqlPasswords"), [String(port), ...roles.flat()]),
  });
};

const slotsName = "cim-postgresql-slots";

export const slotsUnit = `${slotsName}.service`;

/** The amount of changes that a server keeps for an absent standby, in GB. */
export const slotGigabytes = 8;

/**
 * Returns the unit that keeps the slots in step with the graph. Every server has it, because a slot must also go when
 * the last edge is removed.
 */
const slotOptions = ({ id, port, slots }: PostgresqlSpecification): Binding =>
  taskOptions({
    name: slotsName,
    description: `Makes the replication slots of ${id}`,
    settings: [
      ...afterServer("postgresql-setup.service", "postgresql.target"),
      binding("path", list([reference("config", "services", "postgresql", "package")])),
    ],
    user: "postgres",
    command: commandLine(programPath("postgresqlSlots"), [String(port), ...slots]),
    retrySeconds: 10,
  });

const standbyName = "cim-postgresql-standby";

export const standbyUnit = `${standbyName}.service`;

/**
 * Returns the connection string of a standby to its primary. Ids and addresses contain no characters that need quotes.
 */
const connectionInfo = ({ address, port }: Upstream): string =>
  `host=${address} port=${port} user=${replicationRole} passfile=/run/${standbyName}/pgpass`;

/**
 * Returns the unit that makes a standby, and a replacement for a script of NixOS. The unit writes the password to the
 * place where the server reads it, and copies the primary if there are no data yet. Without the unit NixOS would make
 * an empty database. NixOS's own setup waits until the recovery ends, which never happens on a standby, so its script
 * is replaced.
 */
const standbyOptions = (
  { id, folder, slot, replicationPassword }: PostgresqlSpecification,
  upstream: Upstream,
): ReadonlyArray<Binding> => [
  taskOptions({
    name: standbyName,
    description: `Makes ${id} a standby of ${upstream.node}`,
    settings: [
      ...beforeUnits(["postgresql.service"]),
      binding("after", strings(["network-online.target"])),
      binding("wants", strings(["network-online.target"])),
      binding("path", list([reference("config", "services", "postgresql", "package")])),
    ],
    remains: true,
    user: "postgres",
    serviceConfig: [
      binding("TimeoutStartSec", string("infinity")),
      ...(folder === undefined ? [binding("StateDirectory", string("postgresql"))] : []),
      binding("RuntimeDirectory", string(standbyName)),
      binding("RuntimeDirectoryMode", string("0700")),
      ...credentialBindings({ replication: replicationPassword }),
    ],
    command: commandLine(programPath("postgresqlStandby"), [
      upstream.node,
      upstream.address,
      String(upstream.port),
      replicationRole,
      interpolation(reference("config", "services", "postgresql", "dataDir")),
      slot,
    ]),
  }),
  binding("systemd.services.postgresql-setup.script", force(string("until pg_isready --quiet; do sleep 0.1; done\n"))),
];

/**
 * Returns the backup of the databases. Roles belong to the whole server, so they have a copy of their own. A dump with
 * `--create` could not be restored into a server that already has the empty databases of its graph.
 */
const backupOf = ({ id, databases, port, backups }: PostgresqlSpecification): Backup => {
  const connection = ["--port", String(port)];
  const backup = {
    node: id,
    plan: backups,
    user: "postgres",
    after: ["postgresql.target"],
    path: [reference("config", "services", "postgresql", "package")],
  };
  if (databases.length === 0)
    return { ...backup, copies: [{ name: id, suffix: "sql", command: ["pg_dumpall", ...connection] }] };
  return {
    ...backup,
    copies: [
      { ...globals, command: ["pg_dumpall", ...connection, "--globals-only"] },
      ...databases.map(
        (name): Copy => ({
          name,
          suffix: "sql",
          command: ["pg_dump", ...connection, "--dbname", name],
        }),
      ),
    ],
    restore: (folder) => commandLine(programPath("restorePostgresql"), [folder, String(port), "newest", ...databases]),
  };
};
