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
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { orderingBindings, serviceConfigBindings } from "../../unit/systemd.ts";
import { taskOptions } from "../../unit/task.ts";
import { backupOptions } from "../backup.ts";
import { emptiedAtBoot } from "../data-folder.ts";
import { versionChecked } from "../version.ts";
import { type SqliteSpecification, sqliteFolder, sqliteGroup } from "./specification.ts";

const fileOf = (database: string): string => `${database}.db`;

const unitName = (id: string): string => `cim-sqlite-${id}`;

/** Returns the unit that makes the databases of a node. */
export const sqliteUnit = (id: string): string => `${unitName(id)}.service`;

/** The options of a host with SQLite databases. */
export const sqliteOptions = (specification: SqliteSpecification): ReadonlyArray<Binding> => {
  const { id, databases, volatile, volume, backups } = specification;
  const folder = sqliteFolder(id);
  return [
    binding(
      ["systemd", "tmpfiles", "settings", unitName(id), folder, "d"],
      attributes([binding("mode", string("2770")), binding("group", string(sqliteGroup(id)))]),
    ),
    ...(volatile ? [emptiedAtBoot(id, `${folder}/*`)] : []),
    ...(volume === undefined ? [] : [boundFolder(folder, volume)]),
    creation(specification),
    ...backupOptions({
      node: id,
      plan: backups,
      user: "root",
      after: [sqliteUnit(id)],
      path: [packageOf(specification)],
      copies: databases.map((name) => ({
        name,
        suffix: "db",
        command: [programPath("sqliteCopy"), `${folder}/${fileOf(name)}`],
      })),
    }),
  ];
};

/** Returns a mount that shows the volume's folder at the usual folder too. */
const boundFolder = (folder: string, volume: string): Binding =>
  binding(
    ["fileSystems", folder],
    attributes([
      binding("device", string(volume)),
      binding("fsType", string("none")),
      binding("options", strings(["bind"])),
    ]),
  );

const packageOf = ({ id, version }: SqliteSpecification): Expression => {
  const sqlitePackage = reference("pkgs", "sqlite");
  return version === undefined ? sqlitePackage : versionChecked(id, version, "sqlite", sqlitePackage);
};

/** Returns the unit that makes the databases. Programs that depend on them start after it. */
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
