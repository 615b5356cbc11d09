// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for bash that is meant
import type { Program } from "../unit/programs.ts";

/** Programs by which exporters get into servers that ask for passwords. */
export const monitoringPrograms = {
  /** Makes a password. */
  monitorPassword: {
    attribute: "monitorPassword",
    name: "monitor-password",
    inputs: ["coreutils"],
    lines: [
      "# FILE [KEY]: writes a password: made up where there is none yet, or what comes of the key in a file. White space does",
      "# not count there.",
      "umask 077",
      'if [ "$#" -gt 1 ]; then',
      '  key=$(tr -d "[:space:]" < "$2")',
      '  if [ -z "$key" ]; then',
      '    echo "$2: the key is empty" >&2',
      "    exit 1",
      "  fi",
      '  hash=$(printf "cim-monitor %s" "$key" | sha256sum)',
      'elif [ -s "$1" ]; then',
      "  exit 0",
      "else",
      "  hash=$(head -c 32 /dev/urandom | sha256sum)",
      "fi",
      'echo "${hash%% *}" > "$1"',
    ],
  },
  /** Tells the exporter of Redis servers their passwords. */
  redisExporter: {
    attribute: "redisExporter",
    name: "redis-exporter",
    inputs: ["jq"],
    lines: [
      "# FILE [URI CREDENTIAL]...: writes which server has which password, as JSON; one whose credential is empty has none.",
      "file=$1",
      "shift",
      "umask 077",
      'while [ "$#" -gt 0 ]; do',
      '  jq --null-input --arg uri "$1" --rawfile password "$CREDENTIALS_DIRECTORY/$2" \\',
      '    \'{ ($uri): $password | sub("\\n+\\\\z"; "") } | map_values(select(. != ""))\'',
      "  shift 2",
      'done | jq --slurp add > "$file"',
    ],
  },
  /** Tells the exporter of a MongoDB server its password. */
  mongodbExporter: {
    attribute: "mongodbExporter",
    name: "mongodb-exporter",
    inputs: [],
    lines: [
      "# FILE: writes the password in the credentials as a variable.",
      "umask 077",
      'echo "MONGODB_PASSWORD=$(< "$CREDENTIALS_DIRECTORY/password")" > "$1"',
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;
