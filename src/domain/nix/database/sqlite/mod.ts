import type { DatabaseNode } from "../../../graph/node.ts";
import { attributes, binding } from "../../language/expression.ts";
import type { NodeKind } from "../../node-kind.ts";
import { backupUnits } from "../backup.ts";
import { sqliteOptions, sqliteUnit } from "./options.ts";
import { databasesAt, type SqliteSpecification, sqliteFolder, sqliteGroup } from "./specification.ts";

/** SQLite: files in a folder and the unit that makes them. There is no server. */
export const sqlite: NodeKind<DatabaseNode, SqliteSpecification> = {
  unit: ({ id }) => sqliteUnit(id),
  units: (node, at) => [sqliteUnit(node.id), ...backupUnits(node.id, databasesAt(node, at).backups)],
  data: (node, at) => {
    const { volume, volatile } = databasesAt(node, at);
    return { path: volume ?? sqliteFolder(node.id), emptied: volatile };
  },
  specify: (node, site) => ({ ...databasesAt(node, site), unit: site.unit }),
  options: sqliteOptions,
  sharedOptions: (specifications) =>
    [...new Set(specifications.map(({ id }) => sqliteGroup(id)))].map((group) =>
      binding(["users", "groups", group], attributes([])),
    ),
};
