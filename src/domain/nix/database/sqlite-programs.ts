import type { Program } from "../unit/programs.ts";

/** Programs that look after SQLite databases. They find `sqlite3` in their unit's path. */
export const sqlitePrograms = {
  /** Makes SQLite databases. */
  sqliteCreate: {
    attribute: "sqliteCreate",
    name: "sqlite-create",
    inputs: ["coreutils"],
    lines: [
      "# FOLDER GROUP FILE...: makes the files in the folder databases that the group may use.",
      'install --directory --mode=2770 --owner=root --group="$2" "$1"',
      'cd "$1"',
      "group=$2",
      "shift 2",
      'for file in "$@"; do',
      '  sqlite3 "$file" "PRAGMA journal_mode = WAL" > /dev/null',
      '  chgrp "$group" "$file"',
      '  chmod 0660 "$file"',
      "done",
    ],
  },
  /** Copies a SQLite database while it is in use. */
  sqliteCopy: {
    attribute: "sqliteCopy",
    name: "sqlite-copy",
    inputs: ["coreutils"],
    lines: [
      "# FILE: prints a copy of a database, as it is at one moment.",
      "copy=$(mktemp)",
      "trap 'rm -f \"$copy\"' EXIT",
      'sqlite3 "$1" ".timeout 30000" ".backup $copy"',
      'cat "$copy"',
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;
