import { attributes, type Binding, binding, boolean, reference, string, strings } from "../../language/expression.ts";
import { certificateOptions, joinedFile } from "../../unit/certificate.ts";
import { unitBindings } from "../../unit/systemd.ts";
import { type Backup, backupOptions } from "../backup.ts";
import { type DataFolder, dataFolderOptions } from "../data-folder.ts";
import { versionChecked } from "../version.ts";
import type { MongodbSpecification } from "./mod.ts";
import { adminFile, keyFile, keyOptions, monitorOptions, needsSetup, setupOptions } from "./setup.ts";

/** The options of a host with a MongoDB server. */
export const mongodbOptions = (specification: MongodbSpecification): ReadonlyArray<Binding> => {
  const { id, unit, folder, tls, replicaSet, monitored } = specification;
  return [
    // MongoDB's licence is not a free one.
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
