import type { DatabaseNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { clientsOf, type Path } from "../host/network.ts";
import type { Secret } from "../host/secrets.ts";
import { secretFile } from "../host/secrets.ts";
import type { Place } from "../node-kind.ts";

/** The clients on other hosts that reach a database itself, and no other port of its host. */
export const clientsAt = (node: DatabaseNode, { topology, host }: Place): ReadonlyArray<Path> =>
  clientsOf(topology, node, host).filter(({ transport, port }) => transport === "tcp" && port === portOf(node));

/** The names of a node's databases, each once. */
export const databasesOf = ({ databases = [] }: DatabaseNode): ReadonlyArray<string> => [...new Set(databases)];

/** Where the operator puts the password of the role that owns a database. */
export const ownerPassword = (node: string, database: string): string => secretFile(node, `role-${database}`);

/** The passwords of the roles that own databases. Hosts work without them. */
export const ownerSecrets = (node: string, databases: ReadonlyArray<string>): ReadonlyArray<Secret> =>
  databases.map((database) => ({
    ...{ node, path: ownerPassword(node, database) },
    content: `password of the role that owns the database ${database}; without it nobody can log in with one`,
  }));

/** The role that standbys log in as. */
export const replicationRole = "cim-replication";

/** Where the operator puts the password of {@link replicationRole}, on the hosts of all servers that hold a node's data. */
export const replicationPassword = (root: string): string => secretFile(root, "replication");
