// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for bash that is meant
import type { Program } from "../unit/programs.ts";

/** The program that puts passwords into the settings of a NATS server; `jq` writes them as JSON, whatever they are. */
const natsSettings = {
  attribute: "natsSettings",
  name: "nats-settings",
  inputs: ["coreutils", "jq"],
  lines: [
    "# SETTINGS FOLDER NAME...: writes SETTINGS to FOLDER/nats.json, with passwords in place of the names of the",
    "# credentials that hold them. The passwords NAME are made up, and left in FOLDER.",
    "settings=$1 folder=$2",
    "shift 2",
    "umask 077",
    'for name in "$@"; do',
    '  head -c 24 /dev/urandom | base64 > "$folder/$name"',
    "done",
    "shopt -s nullglob",
    "passwords=()",
    'for file in "$folder"/*.password "${CREDENTIALS_DIRECTORY:-$folder}"/*.password; do',
    '  passwords+=(--rawfile "$(basename "$file")" "$file")',
    "done",
    'jq "${passwords[@]}" \'',
    '  def password: ($ARGS.named[.] // error("no password \\(.)")) | rtrimstr("\\n")',
    '    | if . == "" then error("a password is empty") else . end;',
    "  (.authorization.users[]?, .leafnodes.authorization.users[]?) |= (.password |= password)",
    '  | (.leafnodes.remotes[]?.url) |= if contains("@")',
    '    then capture("^(?<start>[^@]*:)(?<name>[^@:]+)(?<end>@.*)$") | .start + (.name | password | @uri) + .end',
    "    else . end",
    '\' "$settings" > "$folder/nats.json"',
  ],
} as const satisfies Program;

const natsStreams = {
  attribute: "natsStreams",
  name: "nats-streams",
  inputs: ["natscli"],
  lines: [
    "# NAME FILE...: gives each stream the configuration in its file.",
    'if [ -e "${CREDENTIALS_DIRECTORY:-}/password" ]; then',
    '  NATS_PASSWORD=$(< "$CREDENTIALS_DIRECTORY/password")',
    "  export NATS_PASSWORD",
    "fi",
    'while [ "$#" -gt 0 ]; do',
    '  if nats stream info "$1" > /dev/null; then',
    '    nats stream edit "$1" --config "$2" --force',
    "  else",
    '    nats stream add "$1" --config "$2"',
    "  fi",
    "  shift 2",
    "done",
  ],
} as const satisfies Program;

/** Programs that look after NATS servers. */
export const natsPrograms = { natsSettings, natsStreams };
