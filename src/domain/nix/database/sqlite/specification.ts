import type { DatabaseNode } from "../../../graph/node.ts";
import { defined } from "../../../kernel/mod.ts";
import type { Place } from "../../node-kind.ts";
import { longestAccount, shortened } from "../../unit/names.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { databasesOf } from "../access.ts";
import { type BackupPlan, backupPlanOf } from "../backup.ts";
import { volumeOf } from "../data-folder.ts";

/** SQLite databases on a host: files in a folder, for programs that may use it. */
export interface SqliteSpecification {
  readonly type: "database";
  readonly engine: "sqlite";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly databases: ReadonlyArray<string>;
  /** Whether the folder is emptied each time the host boots. */
  readonly volatile: boolean;
  /** The mount point of the volume that holds the files. Absent if the folder lies on that volume already. */
  readonly volume?: string;
  /** The times of its backups, and the place that they are copied to. */
  readonly backups: BackupPlan;
}

/** The folder on a host that holds the files of a SQLite database. */
export const sqliteFolder = (id: string): string => `/var/lib/sqlite/${id}`;

/** Returns the group whose members may use the files. */
export const sqliteGroup = (id: string): string => shortened(`sqlite-${id}`, longestAccount);

/** Returns the databases of a node on a host, without the requirements that edges put on their unit. */
export const databasesAt = (node: DatabaseNode, at: Place): Omit<SqliteSpecification, "unit"> => {
  const { id } = node;
  const names = databasesOf(node);
  const volume = volumeOf(node, at);
  const isOnVolume = volume !== undefined && `${sqliteFolder(id)}/`.startsWith(`${volume}/`);
  return defined({
    type: "database",
    engine: "sqlite",
    id,
    version: node.version,
    databases: names.length === 0 ? [id] : names,
    volatile: volume === undefined && node.persistent === false,
    volume: isOnVolume ? undefined : volume,
    backups: backupPlanOf(node),
  });
};
