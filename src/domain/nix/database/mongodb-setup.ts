import {
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  interpolation,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import { programPath } from "../unit/programs.ts";
import { commandLine, specifiersEscaped } from "../unit/systemd.ts";
import { ownerPassword } from "./database-access.ts";
import type { MongodbSpecification } from "./mongodb.ts";

const stateName = "cim-mongodb";

/** The password of `cim`, the user that looks after the server, which the host makes up itself. */
export const adminFile = `/var/lib/${stateName}/admin.yaml`;

const keyName = "cim-mongodb-key";

export const keyUnit = `${keyName}.service`;

/** Where the server reads the key of its replica set. It wants a file that nobody else can read. */
export const keyFile = `/run/${keyName}/key`;

/** The unit that puts the replica set's key where the server may read it. Without the key the server does not start. */
export const keyOptions = (secret: string): Binding =>
  binding(
    ["systemd", "services", keyName],
    attributes([
      binding("description", string("Hands the key of the replica set to MongoDB")),
      binding("before", strings(["mongodb.service"])),
      binding("requiredBy", strings(["mongodb.service"])),
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          binding("RemainAfterExit", boolean(true)),
          binding("User", string("mongodb")),
          binding("RuntimeDirectory", string(keyName)),
          binding("RuntimeDirectoryMode", string("0700")),
          binding("LoadCredential", strings([`key:${specifiersEscaped(secret)}`])),
          binding(
            "ExecStart",
            interpolation(
              reference("pkgs", "coreutils"),
              // %d is the folder of the unit's credentials (systemd.unit(5)).
              `/bin/install --mode=0400 %d/key ${keyFile}`,
            ),
          ),
        ]),
      ),
    ]),
  );

const setupName = "cim-mongodb-setup";

export const setupUnit = `${setupName}.service`;

/** The unit that makes the replica set and its users, on its first server. It tries again until the others answer. */
export const setupOptions = ({ id, port, databases, replicaSet }: MongodbSpecification): Binding => {
  const users = databases.map((database) => ({ user: database, database, file: ownerPassword(id, database) }));
  const settings = {
    ...(replicaSet === undefined ? {} : { set: replicaSet.name, members: replicaSet.members }),
    users,
  };
  return binding(
    ["systemd", "services", setupName],
    attributes([
      binding("description", string(`Sets up the users and the replica set of ${id}`)),
      binding("wantedBy", strings(["multi-user.target"])),
      binding("after", strings(["mongodb.service", "network-online.target"])),
      binding("requires", strings(["mongodb.service"])),
      binding("wants", strings(["network-online.target"])),
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          binding("RemainAfterExit", boolean(true)),
          binding("StateDirectory", string(stateName)),
          binding("StateDirectoryMode", string("0700")),
          binding("ExecStart", commandLine(programPath("mongodbSetup"), [String(port), JSON.stringify(settings)])),
          binding("Restart", string("on-failure")),
          binding("RestartSec", integer(30)),
        ]),
      ),
    ]),
  );
};
