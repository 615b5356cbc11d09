import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import type { Place } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt, databasesOf, replicationPassword } from "../access.ts";
import { type BackupPlan, backupPlanOf, noBackup } from "../backup.ts";
import { type DataFolder, dataFolderOf } from "../data-folder.ts";
import { isFirst, numberOf, rootOf, standbysOf, type Upstream, upstreamOf } from "../replication.ts";

/** The PostgreSQL server of a host. */
export interface PostgresqlSpecification {
  readonly type: "database";
  readonly engine: "postgresql";
  readonly id: string;
  readonly unit: UnitRequirements;
  /** `major` or `major.minor`. Without it, the server has the version of the NixOS release. */
  readonly version?: string;
  readonly port: number;
  /** The names of the databases, each owned by a role of the same name. */
  readonly databases: ReadonlyArray<string>;
  /** The clients on other hosts, which need a password. If there are none, the server listens on the loopback only. */
  readonly clients: ReadonlyArray<{ readonly address: string; readonly encrypted: boolean }>;
  /** TLS for the clients that ask for it. */
  readonly tls?: Tls;
  /** The addresses of the servers that copy this one. */
  readonly standbys: ReadonlyArray<string>;
  /** The names of the replication slots of these servers. */
  readonly slots: ReadonlyArray<string>;
  /** The server that this one copies. */
  readonly upstream?: Upstream;
  /** The name of its own slot on the upstream. */
  readonly slot: string;
  /** The file with the password of the role that standbys log in as. */
  readonly replicationPassword: string;
  readonly folder?: DataFolder;
  /** The times of its backups, and the place that they are copied to. */
  readonly backups: BackupPlan;
}

const uniqueClients = (clients: PostgresqlSpecification["clients"]): PostgresqlSpecification["clients"] =>
  [...new Map(clients.map((client) => [`${client.address} ${client.encrypted}`, client])).entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { address, encrypted }]) => ({ address, encrypted }));

/** The most characters that PostgreSQL allows in a name. */
const longestName = 63;

/**
 * Returns the name of the replication slot of the server on a host. A host has only one server of the same primary, so
 * the name is unique.
 */
const slotOf = (host: string): string => {
  const name = `cim_${host.replaceAll("-", "_")}`;
  return name.length > longestName ? `${name.slice(0, longestName - 9)}_${numberOf(host).toString(16)}` : name;
};

/** The folder that NixOS uses. It has a folder for each major version. */
const usualFolder = "/var/lib/postgresql/data";

/** Returns the server of a node on a host, without the requirements that edges put on its unit. */
export const serverAt = (node: DatabaseNode, at: Place): Omit<PostgresqlSpecification, "unit"> => {
  const clients = uniqueClients(clientsAt(node, at));
  const standbys = standbysOf(node, at);
  return defined({
    type: "database",
    engine: "postgresql",
    id: node.id,
    version: node.version,
    port: portOf(node) ?? 5432,
    databases: databasesOf(node),
    clients,
    tls: clients.some(({ encrypted }) => encrypted) ? { subjects: subjectsOf(node.id, at.host) } : undefined,
    standbys: [...new Set(standbys.map(({ address }) => address))].sort(),
    slots: [...new Set(standbys.map(({ host }) => slotOf(host)))].sort(),
    upstream: upstreamOf(node, at),
    slot: slotOf(at.host.id),
    replicationPassword: replicationPassword(rootOf(node, at.topology).id),
    folder: dataFolderOf(node, at, usualFolder),
    backups: isFirst(node, at) ? backupPlanOf(node) : noBackup,
  });
};

/** Whether PostgreSQL reserves the name of a role. */
const isReserved = (role: string): boolean => role.startsWith("pg_") || role === "public" || role === "none";

/** Returns the databases that can have an owner of the same name. */
export const ownedDatabases = (databases: ReadonlyArray<string>): ReadonlyArray<string> =>
  databases.filter((name) => !isReserved(name));
