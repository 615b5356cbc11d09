import type { Program } from "../unit/programs.ts";

/** Programs that look after Redis servers that are databases. */
export const redisPrograms = {
  /** Talks to a Redis server, whether or not it has a password. */
  redisOperator: {
    attribute: "redisOperator",
    name: "redis-operator",
    inputs: ["coreutils", "redis"],
    lines: [
      "# FILE SOCKET COMMAND...: runs a command with the password in the file where the server asks for one.",
      "file=$1 socket=$2",
      "shift 2",
      'if [ "$(redis-cli -s "$socket" ping)" != PONG ]; then',
      '  REDISCLI_AUTH=$(cat "$file")',
      "  export REDISCLI_AUTH",
      "fi",
      'exec redis-cli -e -s "$socket" "$@"',
    ],
  },
  /** Gives a Redis server its password. */
  redisPassword: {
    attribute: "redisPassword",
    name: "redis-password",
    inputs: ["coreutils", "redis"],
    lines: [
      "# FILE SOCKET: makes the password in the file the server's own and that of what it copies.",
      'password=$(cat "$1")',
      'if [ "$(redis-cli -s "$2" ping)" != PONG ]; then export REDISCLI_AUTH=$password; fi',
      "for setting in masterauth requirepass; do",
      '  printf %s "$password" | redis-cli -e -s "$2" -x config set "$setting"',
      "done",
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;
