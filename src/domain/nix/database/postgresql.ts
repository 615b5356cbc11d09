import type { DatabaseNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { pathsFrom, tcp } from "../host/network.ts";
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
} from "../language/expression.ts";
import type { NodeKind, Place } from "../node-kind.ts";
import { certificateFile, certificateOptions, certificateUnit, keyFile, subjectsOf } from "../unit/certificate.ts";
import { type UnitRequirements, unitBindings } from "../unit/systemd.ts";
import { type Backup, backupOptions, backupUnits, calendarsOf } from "./backup.ts";
import { type DataFolder, dataFolderOf, dataFolderOptions, dataFolderUnit, isVolatile } from "./data-folder.ts";
import { clientsAt, databasesOf, ownerSecrets, replicationPassword } from "./database-access.ts";
import { authentication, ensuredUsers, ownedDatabases, passwordOptions, passwordUnit } from "./postgresql-access.ts";
import { connectionInfo, standbyOptions, standbyUnit } from "./postgresql-standby.ts";
import { isFirst, rootOf, standbysOf, type Upstream, upstreamOf } from "./replication.ts";
import { packageOfVersion } from "./version.ts";

/** The PostgreSQL server of a host. */
export interface PostgresqlSpecification {
  readonly type: "database";
  readonly engine: "postgresql";
  readonly id: string;
  readonly unit: UnitRequirements;
  /** `major` or `major.minor`; the release's own where absent. */
  readonly version?: string;
  readonly port: number;
  /** Each is owned by a role of the same name. */
  readonly databases: ReadonlyArray<string>;
  /** Who may connect from other hosts, with a password. Without any, the server listens on the loopback only. */
  readonly clients: ReadonlyArray<{ readonly address: string; readonly encrypted: boolean }>;
  /** TLS for the clients that ask for it, with the names that the certificate is good for. */
  readonly tls?: { readonly subjects: ReadonlyArray<string> };
  /** The addresses of the servers that copy this one. */
  readonly standbys: ReadonlyArray<string>;
  /** What it copies. */
  readonly upstream?: Upstream;
  /** The file with the password of the role that standbys log in as. */
  readonly replicationPassword: string;
  readonly folder?: DataFolder;
  /** `OnCalendar` expressions of the backup. */
  readonly backups: ReadonlyArray<string>;
}

const uniqueClients = (clients: PostgresqlSpecification["clients"]): PostgresqlSpecification["clients"] =>
  [...new Map(clients.map((client) => [`${client.address} ${client.encrypted}`, client])).entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { address, encrypted }]) => ({ address, encrypted }));

type PlacedServer = Omit<PostgresqlSpecification, "unit">;

/** Where NixOS keeps the data, in a folder for each major version. */
const usualFolder = "/var/lib/postgresql";

const serverAt = (node: DatabaseNode, at: Place): PlacedServer => {
  const upstream = upstreamOf(node, at);
  const folder = dataFolderOf(node, at, `${usualFolder}/data`);
  const clients = uniqueClients(clientsAt(node, at));
  return {
    type: "database",
    engine: "postgresql",
    id: node.id,
    port: portOf(node) ?? 5432,
    databases: databasesOf(node),
    clients,
    standbys: [...new Set(standbysOf(node, at).map(({ address }) => address))].sort(),
    replicationPassword: replicationPassword(rootOf(node, at.topology).id),
    backups: isFirst(node, at) ? calendarsOf(node) : [],
    ...(clients.some(({ encrypted }) => encrypted) ? { tls: { subjects: subjectsOf(node.id, at.host) } } : {}),
    ...(upstream === undefined ? {} : { upstream }),
    ...(folder === undefined ? {} : { folder }),
    ...(node.version === undefined ? {} : { version: node.version }),
  };
};

export const postgresql: NodeKind<DatabaseNode, PostgresqlSpecification> = {
  unit: () => "postgresql.target",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      ...["postgresql.service", "postgresql.target", "postgresql-setup.service"],
      ...(server.tls === undefined ? [] : [certificateUnit("postgresql")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      ...(server.upstream === undefined ? [passwordUnit] : [standbyUnit]),
      ...backupUnits(node.id, server.backups),
    ];
  },
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  ownPaths: (node, at) =>
    isFirst(node, at) ? pathsFrom(at.topology, at.host, tcp(node.id, node.id, portOf(node) ?? 5432)) : [],
  secrets: ({ id, databases, upstream, standbys, replicationPassword: path }) => [
    ...(upstream === undefined ? ownerSecrets(id, ownedDatabases(databases)) : []),
    ...(upstream === undefined && standbys.length === 0
      ? []
      : [{ path, node: id, content: "password that standbys of PostgreSQL log in with; the same on all their hosts" }]),
  ],
  options: (specification) => [
    binding("services.postgresql", attributes(serverOptions(specification))),
    ...unitBindings("postgresql", specification.unit),
    ...folderOptions(specification),
    ...(specification.tls === undefined
      ? []
      : [
          certificateOptions({
            ...{ server: "postgresql", user: "postgres", unit: "postgresql.service" },
            subjects: specification.tls.subjects,
          }),
        ]),
    ...(specification.upstream === undefined
      ? passwordOptions(specification)
      : standbyOptions(specification, specification.upstream)),
    ...backupOptions(backupOf(specification)),
  ],
};

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
