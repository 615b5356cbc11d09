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
import { programPath } from "../unit/programs.ts";
import { commandLine, type Word } from "../unit/systemd.ts";

/** A command that prints a copy of data, and what its files are called: `<name>.<time>.<suffix>.gz`. */
export interface Copy {
  readonly name: string;
  readonly suffix: string;
  readonly command: readonly [Word, ...Word[]];
}

export interface Backup {
  readonly node: string;
  /** `OnCalendar` expressions; without any there is no backup. */
  readonly calendars: ReadonlyArray<string>;
  /** Who runs the commands and owns the copies. */
  readonly user: string;
  /** The units that it runs after. */
  readonly after: ReadonlyArray<string>;
  /** Packages with the programs of the commands. */
  readonly path: ReadonlyArray<Expression>;
  readonly copies: ReadonlyArray<Copy>;
}

/** How many copies of each name are kept. */
const kept = 14;

const unitName = (node: string): string => `cim-backup-${node}`;

export const backupFolder = (node: string): string => `/var/backup/${node}`;

/** The units of a backup; none without a schedule. */
export const backupUnits = (node: string, calendars: ReadonlyArray<string>): ReadonlyArray<string> =>
  calendars.length === 0 ? [] : [`${unitName(node)}.service`, `${unitName(node)}.timer`];

/**
 * A unit that keeps copies in a folder that only the backup's user can read, and a timer for it, which makes up for what
 * it missed while the host was off.
 */
export const backupOptions = ({ node, calendars, user, after, path, copies }: Backup): ReadonlyArray<Binding> => {
  if (calendars.length === 0) return [];
  const name = unitName(node);
  const folder = backupFolder(node);
  return [
    binding(
      ["systemd", "tmpfiles", "settings", name, folder, "d"],
      attributes([binding("mode", string("0700")), binding("user", string(user))]),
    ),
    binding(
      ["systemd", "services", name],
      attributes([
        binding("description", string(`Backup of ${node}`)),
        binding("after", strings(after)),
        binding("startAt", strings(calendars)),
        ...(path.length === 0 ? [] : [binding("path", list(path))]),
        binding(
          "serviceConfig",
          attributes([
            binding("Type", string("oneshot")),
            binding("User", string(user)),
            binding("PrivateTmp", boolean(true)),
            binding(
              "ExecStart",
              list(
                copies.map((copy) =>
                  commandLine(programPath("keepCopies"), [
                    ...[folder, copy.name, copy.suffix, String(kept)],
                    ...copy.command,
                  ]),
                ),
              ),
            ),
          ]),
        ),
      ]),
    ),
    binding(["systemd", "timers", name, "timerConfig", "Persistent"], boolean(true)),
  ];
};
