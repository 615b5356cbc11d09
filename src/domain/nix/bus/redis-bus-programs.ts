// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for bash that is meant
import type { Program } from "../unit/programs.ts";

const redisUsers = {
  attribute: "redisUsers",
  name: "redis-users",
  inputs: ["coreutils"],
  lines: [
    "# FOLDER [USER RULES]...: writes FOLDER/users.acl, with the passwords in the credentials USER.password. Those of",
    "# users without a credential are made up, and left in FOLDER.",
    "folder=$1",
    "shift",
    "umask 077",
    "{",
    '  echo "user default off"',
    '  while [ "$#" -gt 0 ]; do',
    "    file=$CREDENTIALS_DIRECTORY/$1.password",
    '    if [ ! -e "$file" ]; then',
    "      file=$folder/$1.password",
    '      head -c 24 /dev/urandom | base64 > "$file"',
    "    fi",
    '    password=$(< "$file")',
    '    if [ -z "$password" ]; then',
    '      echo "$1: the password is empty" >&2',
    "      exit 1",
    "    fi",
    '    hash=$(printf "%s" "$password" | sha256sum)',
    '    echo "user $1 on #${hash%% *} $2"',
    "    shift 2",
    "  done",
    '} > "$folder/users.acl"',
  ],
} as const satisfies Program;

const redisLeader = {
  attribute: "redisLeader",
  name: "redis-leader",
  inputs: [],
  lines: [
    "# FOLDER USER: writes FOLDER/leader.conf, by which a server proves itself to the one that it follows.",
    "umask 077",
    'password=$(< "$CREDENTIALS_DIRECTORY/$2.password")',
    "password=${password//\\\\/\\\\\\\\}",
    'password=${password//\\"/\\\\\\"}',
    'printf \'masteruser %s\\nmasterauth "%s"\\n\' "$2" "$password" > "$1/leader.conf"',
  ],
} as const satisfies Program;

const redisTrim = {
  attribute: "redisTrim",
  name: "redis-trim",
  inputs: ["coreutils", "redis"],
  lines: [
    "# SOCKET [TOPIC SECONDS]...: drops what is older from the streams of topics.",
    'server=(-e -s "$1")',
    "shift",
    'if [ -e "${CREDENTIALS_DIRECTORY:-}/password" ]; then',
    '  REDISCLI_AUTH=$(< "$CREDENTIALS_DIRECTORY/password")',
    "  export REDISCLI_AUTH",
    '  server+=(--user "$REDIS_USER")',
    "fi",
    "now=$(date +%s)",
    'while [ "$#" -gt 0 ]; do',
    '  redis-cli "${server[@]}" XTRIM "$1" MINID "$(((now - $2) * 1000))"',
    "  shift 2",
    "done",
  ],
} as const satisfies Program;

/** Programs that look after Redis servers. */
export const redisBusPrograms = { redisUsers, redisLeader, redisTrim };
