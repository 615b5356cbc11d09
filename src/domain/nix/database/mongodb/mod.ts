import type { DatabaseNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { everywhere, hostInUrl, loopback } from "../../host/addresses.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { monitorPasswordUnit } from "../../monitoring/monitor-password.ts";
import { isMonitored } from "../../monitoring/monitored.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { clientsAt, databasesOf, ownerSecrets, replicationPassword } from "../access.ts";
import { backupUnits, calendarsOf } from "../backup.ts";
import { type DataFolder, dataFolderOf, dataFolderUnit } from "../data-folder.ts";
import { type Member, membersOf } from "../replication.ts";
import { mongodbOptions } from "./options.ts";
import { keyUnit, monitoredServer, needsSetup, setupUnit } from "./setup.ts";

/** The MongoDB server of a host. */
export interface MongodbSpecification {
  readonly type: "database";
  readonly engine: "mongodb";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly port: number;
  /** Addresses to listen on: the loopback only while no client is on another host. */
  readonly listen: string;
  /** Nobody gets in without a password. */
  readonly authorized: boolean;
  /** TLS for the clients that ask for it, with the names that the certificate is good for. */
  readonly tls?: { readonly subjects: ReadonlyArray<string> };
  /** The servers that hold the same data, if there are several. */
  readonly replicaSet?: {
    readonly name: string;
    /** `address:port` of each; the first becomes the primary. */
    readonly members: ReadonlyArray<string>;
    /** The file with the key by which members know each other. */
    readonly key: string;
  };
  /** The exporter has a user, since something monitors the server or, where this is the first, one of the others. */
  readonly monitored: boolean;
  /** This server is the first, which is set up, and copied by backups, for all. */
  readonly isFirst: boolean;
  /** Each is owned by a user of the same name. They come into being when something is written. */
  readonly databases: ReadonlyArray<string>;
  readonly folder?: DataFolder;
  /** `OnCalendar` expressions of the backup. */
  readonly backups: ReadonlyArray<string>;
}

type PlacedServer = Omit<MongodbSpecification, "unit">;

/** Databases that every server has. */
const reserved = new Set(["admin", "config", "local"]);

const usualPort = 27017;

const nameOf = ({ node, host }: Member): string => `${hostInUrl(host.address)}:${portOf(node) ?? usualPort}`;

/** Whether a server asks for passwords: it does where others reach it. */
export const isGuarded = (node: DatabaseNode, at: Place): boolean =>
  clientsAt(node, at).length > 0 || membersOf(node, at.topology).length > 1;

const serverAt = (node: DatabaseNode, at: Place): PlacedServer => {
  const { topology, host } = at;
  const members = membersOf(node, topology);
  const [first] = members;
  const isFirst = first?.node.id === node.id && first.host.id === host.id;
  const clients = clientsAt(node, at);
  const ends = [host, ...clients, ...members.map((member) => member.host)];
  const guarded = isGuarded(node, at);
  const monitored = isFirst ? members.map((member) => member.node) : [node];
  const folder = dataFolderOf(node, at, "/var/db/mongodb");
  return {
    type: "database",
    engine: "mongodb",
    id: node.id,
    port: portOf(node) ?? usualPort,
    listen: guarded ? everywhere(ends) : loopback,
    authorized: guarded,
    monitored: guarded && monitored.some((server) => isMonitored(topology, server)),
    isFirst,
    databases: databasesOf(node).filter((name) => !reserved.has(name)),
    backups: isFirst ? [...new Set(members.flatMap((member) => calendarsOf(member.node)))] : [],
    ...(first === undefined || members.length < 2
      ? {}
      : {
          replicaSet: {
            name: first.node.id,
            members: members.map(nameOf),
            key: replicationPassword(first.node.id),
          },
        }),
    ...(clients.some(({ encrypted }) => encrypted) ? { tls: { subjects: subjectsOf(node.id, host) } } : {}),
    ...(folder === undefined ? {} : { folder }),
    ...(node.version === undefined ? {} : { version: node.version }),
  };
};

export const mongodb: NodeKind<DatabaseNode, MongodbSpecification> = {
  unit: () => "mongodb.service",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      "mongodb.service",
      ...(server.tls === undefined ? [] : [certificateUnit("mongodb")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      ...(server.replicaSet === undefined ? [] : [keyUnit]),
      ...(server.monitored ? [monitorPasswordUnit(monitoredServer)] : []),
      ...(needsSetup(server) ? [setupUnit] : []),
      ...backupUnits(node.id, server.backups),
    ];
  },
  specify: (node, site) => ({ ...serverAt(node, site), unit: site.unit }),
  // Any member of a replica set can become its primary, so each of them reaches each other one.
  ownPaths: (node, { topology, host }) =>
    [...new Set(membersOf(node, topology).map((member) => member.node.id))].flatMap((member) =>
      pathsFrom(topology, host, tcp(member, node.id, portOf(node) ?? usualPort)),
    ),
  secrets: (specification) => [
    ...(needsSetup(specification) ? ownerSecrets(specification.id, specification.databases) : []),
    ...(specification.replicaSet === undefined
      ? []
      : [
          {
            ...{ path: specification.replicaSet.key, node: specification.id },
            content: "key of the replica set: 6 to 1024 characters of base64, the same on the hosts of all members",
          },
        ]),
  ],
  options: mongodbOptions,
};
