import { type Binding, binding, interpolation, reference, string, strings } from "../../language/expression.ts";
import { monitorPasswordFile, monitorPasswordOptions } from "../../monitoring/monitor-password.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings } from "../../unit/systemd.ts";
import { beforeUnits, taskOptions } from "../../unit/task.ts";
import { ownerPassword } from "../access.ts";
import type { MongodbSpecification } from "./mod.ts";

const stateName = "cim-mongodb";

/** The password of `cim`, the user that looks after the server, which the host makes up itself. */
export const adminFile = `/var/lib/${stateName}/admin.yaml`;

const keyName = "cim-mongodb-key";

export const keyUnit = `${keyName}.service`;

/** Where the server reads the key of its replica set. It wants a file that nobody else can read. */
export const keyFile = `/run/${keyName}/key`;

/** The unit that puts the replica set's key where the server may read it. Without the key the server does not start. */
export const keyOptions = (secret: string): Binding =>
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

/** The server, as its exporter's password is named after it. */
export const monitoredServer = "mongodb";

/** Whom the exporter logs in as: it may read figures alone. */
export const monitorUser = "cim-monitor";

/** The unit that makes the password of the exporter's user: the same on all servers of a replica set. */
export const monitorOptions = (specification: MongodbSpecification): Binding => {
  const { replicaSet } = specification;
  return monitorPasswordOptions({
    server: monitoredServer,
    before: needsSetup(specification) ? [setupUnit] : [],
    ...(replicaSet === undefined ? {} : { key: replicaSet.key }),
  });
};

const setupName = "cim-mongodb-setup";

export const setupUnit = `${setupName}.service`;

/** Whether a server is the one that is set up, and needs to be. */
export const needsSetup = ({ isFirst, authorized }: Pick<MongodbSpecification, "isFirst" | "authorized">): boolean =>
  isFirst && authorized;

/** What the exporter's makers ask for it. */
const monitor = {
  ...{ user: monitorUser, database: "admin", file: monitorPasswordFile(monitoredServer) },
  roles: [
    { role: "clusterMonitor", db: "admin" },
    { role: "read", db: "local" },
  ],
};

/** The unit that makes the replica set and its users, on its first server. It tries again until the others answer. */
export const setupOptions = ({ id, port, databases, replicaSet, monitored }: MongodbSpecification): Binding => {
  const users = [
    ...databases.map((database) => ({ user: database, database, file: ownerPassword(id, database) })),
    ...(monitored ? [monitor] : []),
  ];
  const settings = {
    ...(replicaSet === undefined ? {} : { set: replicaSet.name, members: replicaSet.members }),
    users,
  };
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
    command: commandLine(programPath("mongodbSetup"), [String(port), JSON.stringify(settings)]),
    retrySeconds: 30,
  });
};
