import type { DatabaseNode } from "../../graph/node.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  list,
  string,
  strings,
} from "../language/expression.ts";
import { commandLine, type Word } from "../unit/command-line.ts";
import { calendars } from "../unit/cron.ts";
import { programPath } from "../unit/programs.ts";
import { taskOptions } from "../unit/task.ts";

/** A command that prints a copy of data. The files with the copies are called `<name>.<time>.<suffix>.gz`. */
export interface Copy {
  readonly name: string;
  readonly suffix: string;
  readonly command: readonly [Word, ...Word[]];
}

export interface Backup {
  readonly node: string;
  /** `OnCalendar` expressions. Without any there is no backup. */
  readonly calendars: ReadonlyArray<string>;
  /** The user that runs the commands and owns the copies. */
  readonly user: string;
  /** The units that it runs after. */
  readonly after: ReadonlyArray<string>;
  /** Packages with the programs of the commands. */
  readonly path: ReadonlyArray<Expression>;
  readonly copies: ReadonlyArray<Copy>;
  /** The command that restores the newest copies. It finds the folder with the copies in its first argument. */
  readonly restore?: (folder: string) => Expression;
}

/** The unit that restores the newest copies. Nothing starts it but an operator. */
export const restoreUnit = (node: string): string => `cim-restore-${node}`;

/** The copy of what all databases of a server share. */
export const globals = { name: "globals", suffix: "roles" };

/** The `OnCalendar` expressions of a database's backup schedule. None if it has no schedule. */
export const calendarsOf = ({ backupSchedule }: DatabaseNode): ReadonlyArray<string> =>
  backupSchedule === undefined ? [] : calendars(backupSchedule);

/** The number of copies of each name that are kept. */
const kept = 14;

const unitName = (node: string): string => `cim-backup-${node}`;

const backupFolder = (node: string): string => `/var/backup/${node}`;

/** The units of a backup. None without a schedule. */
export const backupUnits = (node: string, times: ReadonlyArray<string>): ReadonlyArray<string> =>
  times.length === 0 ? [] : [`${unitName(node)}.service`, `${unitName(node)}.timer`];

/**
 * A unit that keeps copies in a folder that only the backup's user can read, and its timer. If the host was off at the
 * time of a backup, the timer starts it at the next boot.
 */
export const backupOptions = ({
  node,
  calendars: times,
  user,
  after,
  path,
  copies,
  restore,
}: Backup): ReadonlyArray<Binding> => {
  if (times.length === 0) return [];
  const name = unitName(node);
  const folder = backupFolder(node);
  return [
    binding(
      ["systemd", "tmpfiles", "settings", name, folder, "d"],
      attributes([binding("mode", string("0700")), binding("user", string(user))]),
    ),
    taskOptions({
      name,
      description: `Backup of ${node}`,
      settings: [
        binding("after", strings(after)),
        binding("startAt", strings(times)),
        ...(path.length === 0 ? [] : [binding("path", list(path))]),
      ],
      user,
      serviceConfig: [binding("PrivateTmp", boolean(true))],
      command: list(
        copies.map((copy) =>
          commandLine(programPath("keepCopies"), [folder, copy.name, copy.suffix, String(kept), ...copy.command]),
        ),
      ),
    }),
    binding(["systemd", "timers", name, "timerConfig", "Persistent"], boolean(true)),
    ...(restore === undefined
      ? []
      : [
          taskOptions({
            name: restoreUnit(node),
            description: `Restores the newest copies of ${node}`,
            settings: [binding("after", strings(after)), ...(path.length === 0 ? [] : [binding("path", list(path))])],
            user,
            command: restore(folder),
          }),
        ]),
  ];
};
