import { kafkaPrograms } from "../bus/kafka-programs.ts";
import { natsPrograms } from "../bus/nats-programs.ts";
import { rabbitmqPrograms } from "../bus/rabbitmq-programs.ts";
import { redisBusPrograms } from "../bus/redis-bus-programs.ts";
import { databasePrograms } from "../database/database-programs.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  interpolation,
  lambda,
  list,
  reference,
  string,
} from "../language/expression.ts";
import { monitoringPrograms } from "../monitoring/monitoring-programs.ts";

/** The file of the flake that defines the programs which its hosts share. */
export const programsFile = "modules/programs.nix";

/** The name under which host modules know them. */
export const programsName = "programs";

/** A shell program of the flake, run with `errexit`, `nounset` and `pipefail`. */
export interface Program {
  /** Attribute in {@link programsFile}. */
  readonly attribute: string;
  readonly name: string;
  /** Packages of nixpkgs that it needs. */
  readonly inputs: ReadonlyArray<string>;
  readonly lines: ReadonlyArray<string>;
}

const programs = {
  ...natsPrograms,
  ...kafkaPrograms,
  ...rabbitmqPrograms,
  ...redisBusPrograms,
  /** Runs a command until it succeeds. */
  waitUntil: {
    attribute: "waitUntil",
    name: "wait-until",
    inputs: ["coreutils"],
    lines: [
      "# RETRIES INTERVAL TIMEOUT COMMAND...: runs a command until it succeeds. Times in seconds.",
      "retries=$1 interval=$2 timeout=$3",
      "shift 3",
      'until timeout "$timeout" "$@"; do',
      '  if [ "$retries" -eq 0 ]; then exit 1; fi',
      "  retries=$((retries - 1))",
      '  sleep "$interval"',
      "done",
    ],
  },
  /** Waits for a node on other hosts. */
  waitForPort: {
    attribute: "waitForPort",
    name: "wait-for-port",
    inputs: ["coreutils"],
    lines: [
      "# SECONDS NODE PORT ADDRESS...: waits until one of the addresses answers on the port.",
      "seconds=$1 node=$2 port=$3",
      "shift 3",
      "deadline=$((SECONDS + seconds))",
      'while [ "$SECONDS" -lt "$deadline" ]; do',
      '  for address in "$@"; do',
      '    if timeout 2 "$BASH" -c "exec 3<>/dev/tcp/\\$0/\\$1" "$address" "$port" 2> /dev/null; then exit 0; fi',
      "  done",
      "  sleep 1",
      "done",
      'echo "$node did not answer on port $port of $* within $seconds s" >&2',
      "exit 1",
    ],
  },
  /** Keeps the addresses of hosts with DNS names in sets of the firewall. */
  resolveNames: {
    attribute: "resolveNames",
    name: "resolve-names",
    inputs: ["coreutils", "gawk", "getent", "gnugrep", "nftables"],
    lines: [
      "# SET NAME...: puts the addresses of each name into the sets SET-v4 and SET-v6 of the firewall.",
      'while [ "$#" -gt 0 ]; do',
      "  for family in 4 6; do",
      '    addresses=$(getent "ahostsv$family" "$2" | awk \'{ print $1 }\' | grep -v "^::ffff:" | sort -u | paste -sd, || true)',
      '    if [ -n "$addresses" ]; then',
      '      printf \'flush set inet nixos-fw %s\\nadd element inet nixos-fw %s { %s }\\n\' "$1-v$family" "$1-v$family" "$addresses" |',
      "        nft -f -",
      "    fi",
      "  done",
      "  shift 2",
      "done",
    ],
  },
  ...databasePrograms,
  ...monitoringPrograms,
  /** Makes a folder fit to be shared. */
  prepareVolume: {
    attribute: "prepareVolume",
    name: "prepare-volume",
    inputs: ["acl", "coreutils"],
    lines: [
      "# FOLDER GROUP [USER]: makes a folder in which the group, and the user, may change whatever is made there.",
      'if [ ! -d "$1" ]; then install -d -m 0770 "$1"; fi',
      'entries="g:$2:rwx,d:g:$2:rwx"',
      'if [ "$#" -gt 2 ]; then entries="$entries,u:$3:rwx,d:u:$3:rwx"; fi',
      'if ! setfacl -m "$entries" "$1"; then',
      "  # The file system has no access control lists.",
      '  chgrp "$2" "$1"',
      '  chmod g+rwxs "$1"',
      "fi",
    ],
  },
  /** Serves the remote `store` by S3. */
  serveBucket: {
    attribute: "serveBucket",
    name: "serve-bucket",
    inputs: ["gnused", "rclone"],
    lines: [
      "# ADDRESS: serves the remote `store` by S3 to whoever has the key in the unit's credentials.",
      'value() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$CREDENTIALS_DIRECTORY/credentials"; }',
      `RCLONE_AUTH_KEY=$(printf '"%s,%s"' "$(value aws_access_key_id)" "$(value aws_secret_access_key)")`,
      "export RCLONE_AUTH_KEY",
      'exec rclone serve s3 --config "" --addr "$1" store:',
    ],
  },
} as const satisfies Readonly<Record<string, Program>>;

type ProgramName = keyof typeof programs;

/** The path of a program, as the first word of a command line. */
export const programPath = (name: ProgramName, prefix = ""): Expression =>
  interpolation(prefix, reference(programsName, name), `/bin/${programs[name].name}`);

const definition = ({ attribute, name, inputs, lines }: Program): Binding =>
  binding(
    [attribute],
    apply(
      reference("pkgs", "writeShellApplication"),
      attributes([
        binding("name", string(name)),
        binding("runtimeInputs", list(inputs.map((input) => reference("pkgs", input)))),
        binding("text", string([...lines, ""].join("\n"))),
      ]),
    ),
  );

/** What {@link programsFile} says: small programs that units of several hosts run. */
export const programsExpression: Expression = lambda(["pkgs"], attributes(Object.values(programs).map(definition)));
