import type { DatabaseNode } from "../../../graph/node.ts";
import { shortened } from "../../hash.ts";
import {
  attributes,
  type Binding,
  binding,
  type Expression,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { commandLine } from "../../unit/command-line.ts";
import { longestAccount } from "../../unit/names.ts";
import { programPath } from "../../unit/programs.ts";
import { orderingBindings, serviceConfigBindings, type UnitRequirements } from "../../unit/systemd.ts";
import { taskOptions } from "../../unit/task.ts";
import { databasesOf } from "../access.ts";
import { backupOptions, backupUnits, calendarsOf } from "../backup.ts";
import { emptiedAtBoot, volumeOf } from "../data-folder.ts";
import { versionChecked } from "../version.ts";

/** SQLite databases on a host: files in a folder, for programs that may use it. */
export interface SqliteSpecification {
  readonly type: "database";
  readonly engine: "sqlite";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly version?: string;
  readonly databases: ReadonlyArray<string>;
  /** The folder is emptied when the host boots. */
  readonly volatile: boolean;
  /** Where the volume is mounted whose files the folder has, unless it lies on it anyway. */
  readonly volume?: string;
  /** `OnCalendar` expressions of the backup. */
  readonly backups: ReadonlyArray<string>;
}

/** The folder on a host that holds the files of a SQLite database. */
export const sqliteFolder = (id: string): string => `/var/lib/sqlite/${id}`;

/** The group whose members may use them. */
export const sqliteGroup = (id: string): string => shortened(`sqlite-${id}`, longestAccount);

const fileOf = (database: string): string => `${database}.db`;

const unitName = (id: string): string => `cim-sqlite-${id}`;

type PlacedDatabases = Omit<SqliteSpecification, "unit">;

const databasesAt = (node: DatabaseNode, at: Place): PlacedDatabases => {
  const { id } = node;
  const names = databasesOf(node);
  const volume = volumeOf(node, at);
  return {
    type: "database",
    engine: "sqlite",
    id,
    databases: names.length === 0 ? [id] : names,
    volatile: volume === undefined && node.persistent === false,
    backups: calendarsOf(node),
    ...(volume === undefined || `${sqliteFolder(id)}/`.startsWith(`${volume}/`) ? {} : { volume }),
    ...(node.version === undefined ? {} : { version: node.version }),
  };
};

export const sqlite: NodeKind<DatabaseNode, SqliteSpecification> = {
  unit: ({ id }) => `${unitName(id)}.service`,
  units: (node, at) => [`${unitName(node.id)}.service`, ...backupUnits(node.id, databasesAt(node, at).backups)],
  specify: (node, site) => ({ ...databasesAt(node, site), unit: site.unit }),
  options: (specification) => {
    const { id, databases, volatile, volume, backups } = specification;
    const folder = sqliteFolder(id);
    return [
      binding(
        ["systemd", "tmpfiles", "settings", unitName(id), folder, "d"],
        attributes([binding("mode", string("2770")), binding("group", string(sqliteGroup(id)))]),
      ),
      ...(volatile ? [emptiedAtBoot(id, `${folder}/*`)] : []),
      ...(volume === undefined
        ? []
        : [
            binding(
              ["fileSystems", folder],
              attributes([
                binding("device", string(volume)),
                binding("fsType", string("none")),
                binding("options", strings(["bind"])),
              ]),
            ),
          ]),
      creation(specification),
      ...backupOptions({
        ...{ node: id, calendars: backups, user: "root", after: [`${unitName(id)}.service`] },
        path: [packageOf(specification)],
        copies: databases.map((name) => ({
          ...{ name, suffix: "db" },
          command: [programPath("sqliteCopy"), `${folder}/${fileOf(name)}`],
        })),
      }),
    ];
  },
  sharedOptions: (specifications) =>
    [...new Set(specifications.map(({ id }) => sqliteGroup(id)))].map((group) =>
      binding(["users", "groups", group], attributes([])),
    ),
};

const packageOf = ({ id, version }: SqliteSpecification): Expression => {
  const sqlitePackage = reference("pkgs", "sqlite");
  return version === undefined ? sqlitePackage : versionChecked(id, version, "sqlite", sqlitePackage);
};

/** The unit that makes the databases; programs that depend on them start when it is done. */
const creation = (specification: SqliteSpecification): Binding => {
  const { id, unit, databases } = specification;
  const folder = sqliteFolder(id);
  const mounts = [...unit.mounts, { path: folder, readOnly: false }];
  return taskOptions({
    name: unitName(id),
    description: `Makes the SQLite databases of ${id}`,
    settings: [
      binding("wantedBy", strings(["multi-user.target"])),
      ...orderingBindings({ ...unit, mounts }),
      binding("path", list([packageOf(specification)])),
    ],
    remains: true,
    serviceConfig: serviceConfigBindings(unit),
    command: commandLine(programPath("sqliteCreate"), [folder, sqliteGroup(id), ...databases.map(fileOf)]),
  });
};
