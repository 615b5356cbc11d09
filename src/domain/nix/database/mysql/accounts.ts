import {
  attributes,
  type Binding,
  binding,
  type Expression,
  list,
  reference,
  string,
} from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import { ownerPassword, replicationRole } from "../access.ts";
import type { MysqlSpecification } from "./mod.ts";

/** Names of users have at most 32 characters. */
const ownerOf = (database: string): string => database.slice(0, 32);

/** The tables of a database as GRANT has them, where `_` would stand for any character. */
const tablesOf = (database: string): string => `\`${database.replaceAll("_", "\\_")}\`.*`;

/** Owners by the user of the same name on the host. NixOS pastes their rights into a text in double quotes of a shell. */
export const ensuredUsers = (databases: ReadonlyArray<string>): ReadonlyArray<Expression> =>
  databases.map((database) =>
    attributes([
      binding("name", string(ownerOf(database))),
      binding(
        ["ensurePermissions", tablesOf(database).replaceAll(/[\\`]/g, (found) => `\\${found}`)],
        string("ALL PRIVILEGES"),
      ),
    ]),
  );

/** What a standby must be allowed to copy another server and to follow it. */
const replicationPrivileges =
  "REPLICATION SLAVE, REPLICATION CLIENT, SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, PROCESS, LOCK TABLES";

const unitName = "cim-mysql-accounts";

export const accountUnit = `${unitName}.service`;

/** The unit that makes users who log in with the passwords that the operator has put on the host, if any. */
export const accountOptions = ({
  id,
  databases,
  isCopied,
  replicationPassword,
}: MysqlSpecification): ReadonlyArray<Binding> => {
  const users = [
    ...databases.map((name) => [ownerOf(name), "ALL PRIVILEGES", tablesOf(name), ownerPassword(id, name)]),
    ...(isCopied ? [[replicationRole, replicationPrivileges, "*.*", replicationPassword]] : []),
  ];
  return [
    taskOptions({
      name: unitName,
      description: `Sets the passwords of the users of ${id}`,
      settings: [
        ...afterServer("mysql.service", "mysql.service"),
        binding("path", list([reference("config", "services", "mysql", "package")])),
      ],
      command: commandLine(programPath("mysqlAccounts"), users.flat()),
    }),
  ];
};
