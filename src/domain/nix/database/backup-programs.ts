import type { Program } from "../unit/programs.ts";

/** Programs that keep copies of data. */
export const backupPrograms = {
  /** Keeps copies of data. */
  keepCopies: {
    attribute: "keepCopies",
    name: "keep-copies",
    inputs: ["coreutils", "findutils", "gzip"],
    lines: [
      "# FOLDER NAME SUFFIX KEPT COMMAND...: keeps what the command prints, and of the copies before it at most KEPT in all.",
      "folder=$1 name=$2 suffix=$3 kept=$4",
      "shift 4",
      "umask 0077",
      '"$@" | gzip > "$folder/.$name.partial"',
      'mv "$folder/.$name.partial" "$folder/$name.$(date --utc +%Y%m%dT%H%M%SZ).$suffix.gz"',
      'find "$folder" -maxdepth 1 -name "$name.*.$suffix.gz" -print0 | sort --zero-terminated |',
      '  head --zero-terminated --lines="-$kept" | xargs --null --no-run-if-empty rm --',
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;
