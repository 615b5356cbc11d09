import type { DatabaseNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { everywhere, hostInUrl, loopback } from "../host/addresses.ts";
import { pathsFrom, tcp } from "../host/network.ts";
import { attributes, type Binding, binding, boolean, reference, string, strings } from "../language/expression.ts";
import type { NodeKind, Place } from "../node-kind.ts";
import { certificateOptions, certificateUnit, joinedFile, subjectsOf } from "../unit/certificate.ts";
import { type UnitRequirements, unitBindings } from "../unit/systemd.ts";
import { type Backup, backupOptions, backupUnits, calendarsOf } from "./backup.ts";
import { type DataFolder, dataFolderOf, dataFolderOptions, dataFolderUnit } from "./data-folder.ts";
import { clientsAt, databasesOf, ownerSecrets, replicationPassword } from "./database-access.ts";
import { adminFile, keyFile, keyOptions, keyUnit, setupOptions, setupUnit } from "./mongodb-setup.ts";
import { type Member, membersOf } from "./replication.ts";
import { versionChecked } from "./version.ts";

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

const serverAt = (node: DatabaseNode, at: Place): PlacedServer => {
  const { topology, host } = at;
  const members = membersOf(node, topology);
  const [first] = members;
  const isFirst = first?.node.id === node.id && first.host.id === host.id;
  const clients = clientsAt(node, at);
  const ends = [host, ...clients, ...members.map((member) => member.host)];
  const reachable = clients.length > 0 || members.length > 1;
  const folder = dataFolderOf(node, at, "/var/db/mongodb");
  return {
    type: "database",
    engine: "mongodb",
    id: node.id,
    port: portOf(node) ?? usualPort,
    listen: reachable ? everywhere(ends) : loopback,
    authorized: reachable,
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

const needsSetup = ({ isFirst, authorized }: PlacedServer): boolean => isFirst && authorized;

export const mongodb: NodeKind<DatabaseNode, MongodbSpecification> = {
  unit: () => "mongodb.service",
  units: (node, at) => {
    const server = serverAt(node, at);
    return [
      "mongodb.service",
      ...(server.tls === undefined ? [] : [certificateUnit("mongodb")]),
      ...(server.folder === undefined ? [] : [dataFolderUnit(node.id)]),
      ...(server.replicaSet === undefined ? [] : [keyUnit]),
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
  options: (specification) => {
    const { id, unit, folder, tls, replicaSet } = specification;
    return [
      // MongoDB's licence is not a free one.
      binding("nixpkgs.config.allowUnfreePackages", strings([packageName])),
      binding("services.mongodb", attributes(serverOptions(specification))),
      ...unitBindings("mongodb", unit),
      ...(folder === undefined
        ? []
        : dataFolderOptions({ node: id, user: "mongodb", units: ["mongodb.service"] }, folder, [
            dataDirectory(folder),
          ])),
      ...(tls === undefined
        ? []
        : [
            certificateOptions({
              ...{ server: "mongodb", user: "mongodb", unit: "mongodb.service" },
              ...{ subjects: tls.subjects, joined: true },
            }),
          ]),
      ...(replicaSet === undefined ? [] : [keyOptions(replicaSet.key)]),
      ...(needsSetup(specification) ? [setupOptions(specification)] : []),
      ...backupOptions(backupOf(specification)),
    ];
  },
};

/** The makers' own build: nixpkgs' other package takes hours to compile, and no cache may have it. */
const packageName = "mongodb-ce";

const dataDirectory = ({ path }: DataFolder): string => `${path}/data`;

const serverOptions = (specification: MongodbSpecification): ReadonlyArray<Binding> => {
  const { id, version, listen, replicaSet, folder } = specification;
  const server = reference("pkgs", packageName);
  return [
    binding("enable", boolean(true)),
    binding("package", version === undefined ? server : versionChecked(id, version, packageName, server)),
    binding("bind_ip", string(listen === "::" ? "::,0.0.0.0" : listen)),
    ...(folder === undefined ? [] : [binding("dbpath", string(dataDirectory(folder)))]),
    ...(replicaSet === undefined ? [] : [binding("replSetName", string(replicaSet.name))]),
    binding(
      "extraConfig",
      string(
        settings(specification)
          .map((line) => `${line}\n`)
          .join(""),
      ),
    ),
  ];
};

/** Lines of MongoDB's YAML. A key file turns authorization on by itself. */
const settings = ({ port, listen, authorized, tls, replicaSet, unit }: MongodbSpecification): ReadonlyArray<string> => {
  const { memoryMb } = unit.limits;
  return [
    `net.port: ${port}`,
    ...(listen === "::" ? ["net.ipv6: true"] : []),
    ...(authorized ? ["security.authorization: enabled"] : []),
    ...(replicaSet === undefined ? [] : [`security.keyFile: ${keyFile}`]),
    // The servers of a set could not verify certificates that each has made for itself, and speak plainly to each other.
    ...(tls === undefined
      ? []
      : [
          "net.tls.mode: allowTLS",
          `net.tls.certificateKeyFile: ${joinedFile("mongodb")}`,
          `net.tls.CAFile: ${joinedFile("mongodb")}`,
          "net.tls.allowConnectionsWithoutCertificates: true",
        ]),
    // Half of the memory, as MongoDB itself takes of a host's.
    ...(memoryMb === undefined ? [] : [`storage.wiredTiger.engineConfig.cacheSizeGB: ${gibibytes(memoryMb / 2048)}`]),
  ];
};

/** Between the least and the most that MongoDB takes. */
const gibibytes = (value: number): string => Math.max(0.25, Math.min(10_000, value)).toFixed(2);

const backupOf = ({ id, databases, port, authorized, backups }: MongodbSpecification): Backup => {
  const signIn = ["--username", "cim", "--authenticationDatabase", "admin", "--config", adminFile];
  const connection = ["--port", String(port), ...(authorized ? signIn : [])];
  return {
    ...{ node: id, calendars: backups, user: "root", after: ["mongodb.service"] },
    path: [reference("pkgs", "mongodb-tools")],
    copies:
      databases.length === 0
        ? [{ name: id, suffix: "archive", command: ["mongodump", ...connection, "--archive"] }]
        : databases.map((name) => ({
            ...{ name, suffix: "archive" },
            command: ["mongodump", ...connection, "--db", name, "--archive"],
          })),
  };
};
