import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { everywhere, hostInUrl, loopback } from "../../host/network.ts";
import { isMonitored } from "../../monitoring/monitored.ts";
import type { Place } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt, databasesOf, replicationPassword } from "../access.ts";
import { type BackupPlan, backupPlanOf, noBackup } from "../backup.ts";
import { type DataFolder, dataFolderOf } from "../data-folder.ts";
import { type Member, membersOf } from "../replication.ts";

/** The MongoDB server of a host. */
export interface MongodbSpecification {
  readonly type: "database";
  readonly engine: "mongodb";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** The address to listen on. It is the loopback unless a client is on another host. */
  readonly listen: string;
  /** Whether the server asks every client for a password. */
  readonly authorized: boolean;
  /** TLS for the clients that ask for it. */
  readonly tls?: Tls;
  /** The servers that hold the same data, if there are several. */
  readonly replicaSet?: {
    readonly name: string;
    /** The `address:port` of each server. The first server becomes the primary. */
    readonly members: ReadonlyArray<string>;
    /** The file with the key by which members recognize each other. */
    readonly key: string;
  };
  /**
   * Whether the exporter has a user. It has one if this server is monitored. The first server also has one if any
   * server of the set is monitored.
   */
  readonly monitored: boolean;
  /** Whether this is the first server of the set. Users are made and backups are taken there, for all servers. */
  readonly isFirst: boolean;
  /**
   * The names of the databases, each owned by a user of the same name. MongoDB makes a database when something is
   * written to it.
   */
  readonly databases: ReadonlyArray<string>;
  readonly folder?: DataFolder;
  /** The times of its backups, and the place that they are copied to. */
  readonly backups: BackupPlan;
}

/** The name that the units of the server's exporter use for the server. */
export const monitoredServer = "mongodb";

/** The user of the exporter. It may only read metrics. */
export const monitorUser = "cim-monitor";

/** Databases that every server has. */
const reserved = new Set(["admin", "config", "local"]);

const usualPort = 27017;

/** Returns the port of a node's servers. */
export const mongodbPort = (node: DatabaseNode): number => portOf(node) ?? usualPort;

const nameOf = ({ node, host }: Member): string => `${hostInUrl(host.address)}:${mongodbPort(node)}`;

/** Whether a server asks for passwords. It does if other hosts can reach it. */
export const isGuarded = (node: DatabaseNode, at: Place): boolean =>
  clientsAt(node, at).length > 0 || membersOf(node, at.topology).length > 1;

/** The folder that NixOS uses. */
export const usualFolder = "/var/db/mongodb";

/** Returns the server of a node on a host, without the requirements that edges put on its unit. */
export const serverAt = (node: DatabaseNode, at: Place): Omit<MongodbSpecification, "unit"> => {
  const { topology, host } = at;
  const members = membersOf(node, topology);
  const [first] = members;
  const isFirst = first?.node.id === node.id && first.host.id === host.id;
  const clients = clientsAt(node, at);
  const ends = [host, ...clients, ...members.map((member) => member.host)];
  const guarded = isGuarded(node, at);
  const monitored = isFirst ? members.map((member) => member.node) : [node];
  return defined({
    type: "database",
    engine: "mongodb",
    id: node.id,
    version: node.version,
    port: mongodbPort(node),
    listen: guarded ? everywhere(ends) : loopback,
    authorized: guarded,
    tls: clients.some(({ encrypted }) => encrypted) ? { subjects: subjectsOf(node.id, host) } : undefined,
    replicaSet:
      first === undefined || members.length < 2
        ? undefined
        : { name: first.node.id, members: members.map(nameOf), key: replicationPassword(first.node.id) },
    monitored: guarded && monitored.some((server) => isMonitored(topology, server)),
    isFirst,
    databases: databasesOf(node).filter((name) => !reserved.has(name)),
    folder: dataFolderOf(node, at, usualFolder),
    backups: isFirst ? backupPlanOf(node, ...members.map((member) => member.node)) : noBackup,
  });
};

/** Whether this server makes the users and the replica set, for all servers of the set. */
export const needsSetup = ({ isFirst, authorized }: Pick<MongodbSpecification, "isFirst" | "authorized">): boolean =>
  isFirst && authorized;
