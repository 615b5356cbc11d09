import type { Program } from "../unit/programs.ts";
import { mongodbScript } from "./mongodb-script.ts";

/** Programs that look after MongoDB servers. */
export const mongodbPrograms = {
  /** Sets a MongoDB server up. */
  mongodbSetup: {
    attribute: "mongodbSetup",
    name: "mongodb-setup",
    inputs: ["coreutils", "mongosh"],
    lines: [
      "# PORT SETTINGS: makes the members of a replica set one, and users with the passwords in their files, if any.",
      "umask 0077",
      "export SETTINGS=$2",
      "script=$(",
      "  cat <<'JS'",
      ...mongodbScript,
      "JS",
      ")",
      'mongosh --quiet --norc "mongodb://127.0.0.1:$1/?directConnection=true" --eval "$script"',
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;
