import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import type { Place } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt, databasesOf, replicationPassword } from "../access.ts";
import { type BackupPlan, backupPlanOf, noBackup } from "../backup.ts";
import { type DataFolder, dataFolderOf } from "../data-folder.ts";
import { isFirst, rootOf, standbysOf, type Upstream, upstreamOf } from "../replication.ts";

/** The PostgreSQL server of a host. */
export interface PostgresqlSpecification {
  readonly type: "database";
  readonly engine: "postgresql";
  readonly id: string;
  readonly unit: UnitRequirements;
  /** `major` or `major.minor`. Without it, the version of the NixOS release. */
  readonly version?: string;
  readonly port: number;
  /** Each is owned by a role of the same name. */
  readonly databases: ReadonlyArray<string>;
  /** The clients on other hosts, which need a password. Without any, the server listens on the loopback only. */
  readonly clients: ReadonlyArray<{ readonly address: string; readonly encrypted: boolean }>;
  /** TLS, for the clients that ask for it. */
  readonly tls?: Tls;
  /** The addresses of the servers that copy this one. */
  readonly standbys: ReadonlyArray<string>;
  /** The server that this one copies. */
  readonly upstream?: Upstream;
  /** The file with the password of the role that standbys log in as. */
  readonly replicationPassword: string;
  readonly folder?: DataFolder;
  /** When its backups are made, and where they are copied to. */
  readonly backups: BackupPlan;
}

const uniqueClients = (clients: PostgresqlSpecification["clients"]): PostgresqlSpecification["clients"] =>
  [...new Map(clients.map((client) => [`${client.address} ${client.encrypted}`, client])).entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { address, encrypted }]) => ({ address, encrypted }));

/** The folder that NixOS uses. It has a folder for each major version. */
const usualFolder = "/var/lib/postgresql/data";

/** The server of a node on a host, without what the edges ask of its unit. */
export const serverAt = (node: DatabaseNode, at: Place): Omit<PostgresqlSpecification, "unit"> => {
  const clients = uniqueClients(clientsAt(node, at));
  return defined({
    type: "database",
    engine: "postgresql",
    id: node.id,
    version: node.version,
    port: portOf(node) ?? 5432,
    databases: databasesOf(node),
    clients,
    tls: clients.some(({ encrypted }) => encrypted) ? { subjects: subjectsOf(node.id, at.host) } : undefined,
    standbys: [...new Set(standbysOf(node, at).map(({ address }) => address))].sort(),
    upstream: upstreamOf(node, at),
    replicationPassword: replicationPassword(rootOf(node, at.topology).id),
    folder: dataFolderOf(node, at, usualFolder),
    backups: isFirst(node, at) ? backupPlanOf(node) : noBackup,
  });
};

/** PostgreSQL keeps these names of roles for itself. */
const isReserved = (role: string): boolean => role.startsWith("pg_") || role === "public" || role === "none";

/** The databases that can have an owner of the same name. */
export const ownedDatabases = (databases: ReadonlyArray<string>): ReadonlyArray<string> =>
  databases.filter((name) => !isReserved(name));
