import type { DatabaseNode } from "../../graph/node.ts";
import { defined } from "../../kernel/mod.ts";
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
import { commandLine, quotedPath, type Word } from "../unit/command-line.ts";
import { calendars } from "../unit/cron.ts";
import { programPath } from "../unit/programs.ts";
import { taskOptions } from "../unit/task.ts";

/** A command that prints a copy of data. The file of a copy is called `<name>.<time>.<suffix>.gz`. */
export interface Copy {
  readonly name: string;
  readonly suffix: string;
  readonly command: readonly [Word, ...Word[]];
}

/** The times at which backups are made, and the folder on another disk to which they are copied. */
export interface BackupPlan {
  /** `OnCalendar` expressions. If there are none, no backup is made. */
  readonly times: ReadonlyArray<string>;
  readonly copyTo?: string;
}

export interface Backup {
  readonly node: string;
  readonly plan: BackupPlan;
  /** The user that runs the commands and owns the copies. */
  readonly user: string;
  /** The units after which the backup runs. */
  readonly after: ReadonlyArray<string>;
  /** Packages that contain the programs of the commands. */
  readonly path: ReadonlyArray<Expression>;
  readonly copies: ReadonlyArray<Copy>;
  /** Returns the command that restores the newest copies from the given folder. */
  readonly restore?: (folder: string) => Expression;
}

/** Returns the unit that restores the newest copies. Only an operator starts it. */
export const restoreUnit = (node: string): string => `cim-restore-${node}`;

/** The copy of what all databases of a server share, such as roles. */
export const globals = { name: "globals", suffix: "roles" };

export const noBackup: BackupPlan = { times: [] };

/** Returns the backup plan of a database. The backups of all servers of a replica set are made on the first server. */
export const backupPlanOf = (...nodes: ReadonlyArray<DatabaseNode>): BackupPlan => {
  const times = nodes.flatMap(({ backupSchedule }) => (backupSchedule === undefined ? [] : calendars(backupSchedule)));
  const [copyTo] = nodes.flatMap(({ backupCopyTo }) => backupCopyTo ?? []);
  return defined({ times: [...new Set(times)], copyTo });
};

/** The number of copies of each name that are kept. */
const kept = 14;

const unitName = (node: string): string => `cim-backup-${node}`;

/** Returns the unit that copies the backups to another disk. */
const elsewhereName = (node: string): string => `cim-copy-${node}`;

const backupFolder = (node: string): string => `/var/backup/${node}`;

/** Returns the units of a backup; none if it has no schedule. */
export const backupUnits = (node: string, { times, copyTo }: BackupPlan): ReadonlyArray<string> =>
  [
    ...(times.length === 0 ? [] : [unitName(node)]),
    ...(times.length === 0 || copyTo === undefined ? [] : [elsewhereName(node)]),
  ].flatMap((name) => [`${name}.service`, `${name}.timer`]);

/**
 * Returns a unit that copies the folder of a backup to another disk, and its timer. Both timers elapse at the same
 * time, and the order of the units lets the backup run first. If the disk is not mounted, the unit does not start.
 */
const elsewhereOptions = (node: string, { times, copyTo }: Required<BackupPlan>): ReadonlyArray<Binding> => {
  const name = elsewhereName(node);
  return [
    taskOptions({
      name,
      description: `Copies the backups of ${node} to another disk`,
      settings: [
        binding("after", strings([`${unitName(node)}.service`])),
        binding("startAt", strings(times)),
        binding(["unitConfig", "RequiresMountsFor"], string(quotedPath(copyTo))),
      ],
      command: commandLine(programPath("copyElsewhere"), [backupFolder(node), `${copyTo}/${node}`]),
    }),
    binding(["systemd", "timers", name, "timerConfig", "Persistent"], boolean(true)),
  ];
};

/**
 * Returns a unit that keeps copies in a folder that only the backup's user can read, and its timer. If the host was off
 * at the time of a backup, the timer starts it at the next boot.
 */
export const backupOptions = ({
  node,
  plan: { times, copyTo },
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
    ...(copyTo === undefined ? [] : elsewhereOptions(node, { times, copyTo })),
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
