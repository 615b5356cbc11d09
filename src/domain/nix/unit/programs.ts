import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  interpolation,
  lambda,
  list,
  path,
  reference,
  string,
} from "../language/expression.ts";
import { programTexts } from "../programs.generated.ts";

/** The file of the flake that defines the programs that its hosts share. */
export const programsFile = "modules/programs.nix";

/** The name that host modules use for these programs. */
export const programsName = "programs";

/** A shell program of the flake. nixpkgs makes it bash with `errexit`, `nounset` and `pipefail`. */
export interface Program {
  /** The name. The program's file is `nix/programs/<name>.sh`, and the head of that file describes what it does. */
  readonly name: string;
  /** Packages of nixpkgs that it needs. Packages that depend on the host are in the path of its unit. */
  readonly inputs: ReadonlyArray<string>;
  /** A file of `nix/programs/` in another language. It replaces the line `@<script>@` of the program. */
  readonly script?: string;
}

/** Every program that the hosts of a flake share, by its attribute in {@link programsFile}. */
export const programs = {
  natsSettings: { name: "nats-settings", inputs: ["coreutils", "jq"] },
  natsStreams: { name: "nats-streams", inputs: ["natscli"] },
  kafkaPasswords: { name: "kafka-passwords", inputs: ["coreutils"] },
  kafkaTopics: { name: "kafka-topics", inputs: ["apacheKafka", "coreutils", "gnused"] },
  kafkaRights: { name: "kafka-rights", inputs: ["apacheKafka"] },
  rabbitmqUsers: { name: "rabbitmq-users", inputs: ["coreutils", "gawk", "rabbitmq-server"] },
  redisUsers: { name: "redis-users", inputs: ["coreutils"] },
  redisLeader: { name: "redis-leader", inputs: [] },
  redisTrim: { name: "redis-trim", inputs: ["coreutils", "redis"] },
  waitUntil: { name: "wait-until", inputs: ["coreutils"] },
  waitForPort: { name: "wait-for-port", inputs: ["coreutils"] },
  resolveNames: { name: "resolve-names", inputs: ["coreutils", "gawk", "getent", "gnugrep", "nftables"] },
  copyElsewhere: { name: "copy-elsewhere", inputs: ["coreutils", "findutils"] },
  keepCopies: { name: "keep-copies", inputs: ["coreutils", "findutils", "gawk", "gzip"] },
  postgresqlPasswords: { name: "postgresql-passwords", inputs: ["coreutils", "util-linux"] },
  restorePostgresql: { name: "restore-postgresql", inputs: ["coreutils", "findutils", "gnugrep", "gzip"] },
  postgresqlSlots: { name: "postgresql-slots", inputs: ["coreutils"] },
  postgresqlStandby: { name: "postgresql-standby", inputs: ["coreutils", "gnused"] },
  mysqlAccounts: { name: "mysql-accounts", inputs: ["gnused", "util-linux"] },
  mysqlStandby: { name: "mysql-standby", inputs: ["coreutils", "gnused"] },
  mongodbSetup: { name: "mongodb-setup", inputs: ["coreutils", "mongosh"], script: "mongodb-setup.js" },
  redisOperator: { name: "redis-operator", inputs: ["coreutils", "redis"] },
  redisSecret: { name: "redis-secret", inputs: ["coreutils", "gnused"] },
  redisPassword: { name: "redis-password", inputs: ["coreutils", "redis"] },
  sqliteCreate: { name: "sqlite-create", inputs: ["coreutils"] },
  sqliteCopy: { name: "sqlite-copy", inputs: ["coreutils"] },
  monitorPassword: { name: "monitor-password", inputs: ["coreutils"] },
  redisExporter: { name: "redis-exporter", inputs: ["jq"] },
  mongodbExporter: { name: "mongodb-exporter", inputs: [] },
  prepareVolume: { name: "prepare-volume", inputs: ["acl", "coreutils"] },
  stageCertificate: { name: "stage-certificate", inputs: ["coreutils"] },
  takeCertificate: { name: "take-certificate", inputs: ["coreutils"] },
  wayBack: { name: "way-back", inputs: ["coreutils", "util-linux"] },
  formatDisk: { name: "format-disk", inputs: ["coreutils", "e2fsprogs", "util-linux"] },
  serveBucket: { name: "serve-bucket", inputs: ["gnused", "rclone"] },
} as const satisfies Readonly<Record<string, Program>>;

type ProgramName = keyof typeof programs;

/** Returns the path of a program, as the first word of a command line. */
export const programPath = (name: ProgramName, prefix = ""): Expression =>
  interpolation(prefix, reference(programsName, name), `/bin/${programs[name].name}`);

/** The files of the flake that hold the programs: `nix/programs/`, unchanged. */
export const programFiles: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(programTexts).map(([file, text]) => [`programs/${file}`, text]),
);

const textOf = (file: string): Expression => apply(reference("builtins", "readFile"), path(`../programs/${file}`));

const programText = ({ name, script }: Program): Expression =>
  script === undefined
    ? textOf(`${name}.sh`)
    : apply(
        reference("builtins", "replaceStrings"),
        list([string(`@${script}@\n`)]),
        list([textOf(script)]),
        textOf(`${name}.sh`),
      );

const definition = ([attribute, program]: readonly [string, Program]): Binding =>
  binding(
    [attribute],
    apply(
      reference("pkgs", "writeShellApplication"),
      attributes([
        binding("name", string(program.name)),
        binding("runtimeInputs", list(program.inputs.map((input) => reference("pkgs", input)))),
        binding("text", programText(program)),
      ]),
    ),
  );

/** The content of {@link programsFile}: a package for each program. */
export const programsExpression: Expression = lambda(["pkgs"], attributes(Object.entries(programs).map(definition)));
