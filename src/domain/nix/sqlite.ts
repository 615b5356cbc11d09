import type { DatabaseNode } from "../graph/node.ts";
import type { NodeKind } from "./node-kind.ts";
import type { UnitRequirements } from "./systemd.ts";

export interface SqliteSpecification {
  readonly type: "database";
  readonly engine: "sqlite";
  readonly id: string;
  readonly unit: UnitRequirements;
}

export const sqlite: NodeKind<DatabaseNode, SqliteSpecification> = {
  unit: () => undefined,
  units: () => [],
  specify: ({ id }, { unit }) => ({ type: "database", engine: "sqlite", id, unit }),
  options: () => [],
};

/** The folder on a host that holds the files of a SQLite database. */
export const sqliteFolder = (id: string): string => `/var/lib/sqlite/${id}`;

/** The group whose members may use them. Linux takes at most 31 characters. */
export const sqliteGroup = (id: string): string => `sqlite-${id.slice(0, 24)}`;
