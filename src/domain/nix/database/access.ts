import type { DatabaseNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { clientsOf, type Path } from "../host/network.ts";
import { type Secret, secretFile } from "../host/secrets.ts";
import type { Place } from "../node-kind.ts";

/**
 * Returns the paths of clients on other hosts that reach the database itself. A path to another port does not count.
 */
export const clientsAt = (node: DatabaseNode, { topology, host }: Place): ReadonlyArray<Path> =>
  clientsOf(topology, node, host).filter(({ transport, port }) => transport === "tcp" && port === portOf(node));

/** Returns the names of a node's databases, each once. */
export const databasesOf = ({ databases = [] }: DatabaseNode): ReadonlyArray<string> => [...new Set(databases)];

/** Returns the file in which the operator puts the password of the role that owns a database. */
export const ownerPassword = (node: string, database: string): string => secretFile(node, `role-${database}`);

/** Returns the passwords of the roles that own databases. Hosts work without them. */
export const ownerSecrets = (node: string, databases: ReadonlyArray<string>): ReadonlyArray<Secret> =>
  databases.map((database) => ({
    node,
    path: ownerPassword(node, database),
    content: `password of the role that owns the database ${database}; without it nobody can log in with one`,
  }));

/** The role that standbys log in as. */
export const replicationRole = "cim-replication";

/**
 * Returns the file in which the operator puts the password of {@link replicationRole}. All servers that hold the same
 * data read the same password, so the file is named after the node that they all copy.
 */
export const replicationPassword = (root: string): string => secretFile(root, "replication");
