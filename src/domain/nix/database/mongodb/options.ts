import { defined } from "../../../kernel/mod.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  interpolation,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { monitorPasswordFile, monitorPasswordOptions } from "../../monitoring/monitor-password.ts";
import { certificateOptions, joinedFile } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, unitBindings } from "../../unit/systemd.ts";
import { beforeUnits, taskOptions } from "../../unit/task.ts";
import { ownerPassword } from "../access.ts";
import { type Backup, backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions } from "../data-folder.ts";
import { versionChecked } from "../version.ts";
import { type MongodbSpecification, monitoredServer, monitorUser, needsSetup } from "./specification.ts";

/** The options of a host with a MongoDB server. */
export const mongodbOptions = (specification: MongodbSpecification): ReadonlyArray<Binding> => {
  const { id, unit, folder, tls, replicaSet, monitored } = specification;
  return [
    // The licence of MongoDB is not free.
    binding("nixpkgs.config.allowUnfreePackages", strings([packageName])),
    binding("services.mongodb", attributes(serverOptions(specification))),
    ...unitBindings("mongodb", unit),
    ...(folder === undefined
      ? []
      : dataFolderOptions({ node: id, user: "mongodb", units: ["mongodb.service"] }, folder, [dataDirectory(folder)])),
    ...certificateOptions(tls, { server: "mongodb", user: "mongodb", unit: "mongodb.service", joined: true }),
    ...(replicaSet === undefined ? [] : [keyOptions(replicaSet.key)]),
    ...(monitored ? [monitorOptions(specification)] : []),
    ...(needsSetup(specification) ? [setupOptions(specification)] : []),
    ...backupOptions(backupOf(specification)),
  ];
};

/** The makers' own build. The other package of nixpkgs takes hours to compile, and no cache may offer it. */
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

/** Returns the lines of MongoDB's YAML. A key file turns authorization on by itself. */
const settings = ({ port, listen, authorized, tls, replicaSet, unit }: MongodbSpecification): ReadonlyArray<string> => {
  const { memoryMb } = unit.limits;
  return [
    `net.port: ${port}`,
    ...(listen === "::" ? ["net.ipv6: true"] : []),
    ...(authorized ? ["security.authorization: enabled"] : []),
    ...(replicaSet === undefined ? [] : [`security.keyFile: ${keyFile}`]),
    // Each server makes its own certificate, so the servers of a set cannot verify each other. They connect without TLS.
    ...(tls === undefined
      ? []
      : [
          "net.tls.mode: allowTLS",
          `net.tls.certificateKeyFile: ${joinedFile("mongodb")}`,
          `net.tls.CAFile: ${joinedFile("mongodb")}`,
          "net.tls.allowConnectionsWithoutCertificates: true",
        ]),
    // Half of the memory of the unit. By default MongoDB takes half of the memory of the whole host.
    ...(memoryMb === undefined ? [] : [`storage.wiredTiger.engineConfig.cacheSizeGB: ${gibibytes(memoryMb / 2048)}`]),
  ];
};

/** Returns the value, limited to the range that MongoDB accepts. */
const gibibytes = (value: number): string => Math.max(0.25, Math.min(10_000, value)).toFixed(2);

const stateName = "cim-mongodb";

/** The password of `cim`, the user that administers the server. The host generates the password. */
const adminFile = `/var/lib/${stateName}/admin.yaml`;

const keyName = "cim-mongodb-key";

export const keyUnit = `${keyName}.service`;

/** The file from which the server reads the key of its replica set. It accepts only a file that others cannot read. */
const keyFile = `/run/${keyName}/key`;

/**
 * Returns the unit that puts the replica set's key in a place where the server may read it. The server does not start
 * without the key.
 */
const keyOptions = (secret: string): Binding =>
  taskOptions({
    name: keyName,
    description: "Hands the key of the replica set to MongoDB",
    settings: beforeUnits(["mongodb.service"]),
    remains: true,
    user: "mongodb",
    serviceConfig: [
      binding("RuntimeDirectory", string(keyName)),
      binding("RuntimeDirectoryMode", string("0700")),
      ...credentialBindings({ key: secret }),
    ],
    command: interpolation(
      reference("pkgs", "coreutils"),
      // %d is the folder of the unit's credentials (systemd.unit(5)).
      `/bin/install --mode=0400 %d/key ${keyFile}`,
    ),
  });

/**
 * Returns the unit that makes the password of the exporter's user. All servers of a replica set make the same password.
 */
const monitorOptions = (specification: MongodbSpecification): Binding =>
  monitorPasswordOptions(
    defined({
      server: monitoredServer,
      before: needsSetup(specification) ? [setupUnit] : [],
      key: specification.replicaSet?.key,
    }),
  );

const setupName = "cim-mongodb-setup";

export const setupUnit = `${setupName}.service`;

/** The user of the exporter, with the roles that the exporter's documentation asks for. */
const monitor = {
  user: monitorUser,
  database: "admin",
  file: monitorPasswordFile(monitoredServer),
  roles: [
    { role: "clusterMonitor", db: "admin" },
    { role: "read", db: "local" },
  ],
};

/**
 * Returns the unit that makes the replica set and its users on the first server. The unit repeats this until the other
 * servers answer.
 */
const setupOptions = ({ id, port, databases, replicaSet, monitored }: MongodbSpecification): Binding => {
  const users = [
    ...databases.map((database) => ({ user: database, database, file: ownerPassword(id, database) })),
    ...(monitored ? [monitor] : []),
  ];
  const set = defined({ set: replicaSet?.name, members: replicaSet?.members, users });
  return taskOptions({
    name: setupName,
    description: `Sets up the users and the replica set of ${id}`,
    settings: [
      binding("wantedBy", strings(["multi-user.target"])),
      binding("after", strings(["mongodb.service", "network-online.target"])),
      binding("requires", strings(["mongodb.service"])),
      binding("wants", strings(["network-online.target"])),
    ],
    remains: true,
    serviceConfig: [binding("StateDirectory", string(stateName)), binding("StateDirectoryMode", string("0700"))],
    command: commandLine(programPath("mongodbSetup"), [String(port), JSON.stringify(set)]),
    retrySeconds: 30,
  });
};

const backupOf = ({ id, databases, port, authorized, backups }: MongodbSpecification): Backup => {
  const signIn = ["--username", "cim", "--authenticationDatabase", "admin", "--config", adminFile];
  const connection = ["--port", String(port), ...(authorized ? signIn : [])];
  return {
    node: id,
    plan: backups,
    user: "root",
    after: ["mongodb.service"],
    path: [reference("pkgs", "mongodb-tools")],
    copies:
      databases.length === 0
        ? [{ name: id, suffix: "archive", command: ["mongodump", ...connection, "--archive"] }]
        : databases.map((name) => ({
            name,
            suffix: "archive",
            command: ["mongodump", ...connection, "--db", name, "--archive"],
          })),
  };
};
