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
import { ownedDatabases, passwordUnit } from "./access.ts";
import { postgresqlOptions } from "./options.ts";
import { standbyUnit } from "./standby.ts";

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
  options: postgresqlOptions,
};
