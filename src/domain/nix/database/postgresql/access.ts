import { addressFamily } from "../../../graph/addresses.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import { ownerPassword, replicationRole } from "../access.ts";
import type { PostgresqlSpecification } from "./mod.ts";

/** PostgreSQL keeps these names of roles for itself. */
const isReserved = (role: string): boolean => role.startsWith("pg_") || role === "public" || role === "none";

/** The databases that can have an owner of the same name. */
export const ownedDatabases = (databases: ReadonlyArray<string>): ReadonlyArray<string> =>
  databases.filter((name) => !isReserved(name));

/** The roles of a primary. */
export const ensuredUsers = ({
  databases,
  standbys,
}: Pick<PostgresqlSpecification, "databases" | "standbys">): ReadonlyArray<Expression> => [
  ...ownedDatabases(databases).map((name) =>
    attributes([binding("name", string(name)), binding("ensureDBOwnership", boolean(true))]),
  ),
  ...(standbys.length === 0
    ? []
    : [
        attributes([
          binding("name", string(replicationRole)),
          binding("ensureClauses.login", boolean(true)),
          binding("ensureClauses.replication", boolean(true)),
        ]),
      ]),
];

/** An address as pg_hba.conf has it; a name is looked up there both ways. */
const matched = (address: string): string => {
  const family = addressFamily(address);
  return family === undefined ? address : `${address.replace(/%.*$/, "")}/${family === 6 ? 128 : 32}`;
};

/** pg_hba.conf: exactly the addresses of clients, over TLS where the graph says `encrypted`, and of standbys. */
export const authentication = ({
  databases,
  clients,
  standbys,
}: Pick<PostgresqlSpecification, "databases" | "clients" | "standbys">): string => {
  const names = databases.length === 0 ? "all" : databases.map((name) => `"${name}"`).join(",");
  return [
    ...clients.map(
      ({ address, encrypted }) => `${encrypted ? "hostssl" : "host"} ${names} all ${matched(address)} scram-sha-256\n`,
    ),
    ...standbys.map((address) => `host replication ${replicationRole} ${matched(address)} scram-sha-256\n`),
  ].join("");
};

const unitName = "cim-postgresql-passwords";

export const passwordUnit = `${unitName}.service`;

/** The unit that gives roles the passwords that the operator has put on the host, if any. */
export const passwordOptions = ({
  id,
  port,
  databases,
  standbys,
  replicationPassword,
}: PostgresqlSpecification): ReadonlyArray<Binding> => {
  const roles = [
    ...ownedDatabases(databases).map((name) => [name, ownerPassword(id, name)]),
    ...(standbys.length === 0 ? [] : [[replicationRole, replicationPassword]]),
  ];
  return [
    taskOptions({
      name: unitName,
      description: `Sets the passwords of the roles of ${id}`,
      settings: [
        ...afterServer("postgresql-setup.service", "postgresql.target"),
        binding("before", strings(["postgresql.target"])),
        binding("path", list([reference("config", "services", "postgresql", "package")])),
      ],
      command: commandLine(programPath("postgresqlPasswords"), [String(port), ...roles.flat()]),
    }),
  ];
};
