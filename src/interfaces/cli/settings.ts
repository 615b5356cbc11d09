import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { Schema } from "effect";
import { identityIn } from "../../contract/credentials.ts";
import { Principal } from "../../domain/kernel/mod.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The options that every command has, with the environment and the defaults filled in. */
export interface Settings {
  readonly json: boolean;
  readonly color: boolean;
  readonly nats: string;
  /** True if `--nats` or `CIM_NATS` named a server. */
  readonly natsGiven: boolean;
  readonly prefix: string;
  readonly principal: string;
  /** The folder of the keys of a closed installation. */
  readonly secure: string | undefined;
  /** Undefined without `--timeout`, because each command has its own default. */
  readonly timeoutSeconds: number | undefined;
}

export const defaultServer = "nats://127.0.0.1:4222";

const isPrincipal = Schema.is(Principal);

/** An option's value as a number of seconds above zero. */
export const seconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("It must be a number of seconds above 0.");
  return value;
};

/** An option's value as an integer of at least `minimum`. */
export const integer =
  (minimum: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`It must be an integer of ${minimum} or more.`);
    return value;
  };

/** An option's value as the number of replicas of streams. */
export const replicaCount = (text: string): number => {
  if (!["1", "3", "5"].includes(text)) throw new InvalidArgumentError("It must be 1, 3 or 5.");
  return Number(text);
};

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * The moment that an option names, as ISO 8601 in UTC. The option takes ISO 8601, or an age (`90s`, `10m`, `2h`, `1d`).
 */
export const moment = (text: string, now: number = Date.now()): string => {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const time = amount === undefined ? isoTime(text) : now - Number(amount) * (units[unit] ?? 1) * 1000;
  if (Number.isNaN(time) || Math.abs(time) > 8.64e15)
    throw new InvalidArgumentError("It must be a moment such as 2026-11-23T20:15:00Z, or how long ago, such as 10m.");
  return new Date(time).toISOString();
};

/** Only ISO 8601, because `Date.parse` also accepts texts that are not meant as dates. */
const isoTime = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;

const principal = (text: string): string => {
  if (isPrincipal(text)) return text;
  throw new InvalidArgumentError("It must be 1-128 characters of A-Z a-z 0-9 _ -, starting with a letter or digit.");
};

const prefix = (text: string): string => {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  throw new InvalidArgumentError("It must be one subject token of A-Z a-z 0-9 _ -.");
};

/** The URLs in a list. A comma in a password is not one between URLs, so a log-in needs URLs with their scheme. */
export const serverUrls = (text: string): ReadonlyArray<string> =>
  text.split(text.includes("@") ? /,(?=\w+:\/\/)/ : ",");

const server = (text: string): string => {
  const isUrl = (url: string) => /^(?:(?:nats|tls|ws|wss):\/\/)?[^\s/@]+(?:@[^\s/@]+)?$/.test(url);
  if (serverUrls(text).every(isUrl)) return text;
  throw new InvalidArgumentError(
    "It must be the URL of a nats-server, such as nats://127.0.0.1:4222, or those of a cluster with commas between them.",
  );
};

const globalOptions = (): ReadonlyArray<Option> => [
  new Option("--json", "print JSON documents on stdout, and nothing else there"),
  new Option(
    "--nats <urls>",
    `the nats-server, or those of a cluster: URL,URL,URL (default: $CIM_NATS or ${defaultServer})`,
  ).argParser(server),
  new Option("--prefix <token>", "prefix of all subjects (default: $CIM_PREFIX or cim)").argParser(prefix),
  new Option(
    "--as <principal>",
    "the principal that asks (default: $CIM_PRINCIPAL, or the name in CIM_CREDENTIALS, or the system's user)",
  ).argParser(principal),
  new Option(
    "--secure <folder>",
    "the keys of a closed installation, made by cim security init (default: $CIM_SECURE)",
  ),
  new Option("--context <name>", "the installation by its name: see cim context (default: $CIM_CONTEXT)"),
  new Option("--timeout <seconds>", "how long to wait for the backend (default: 10)").argParser(seconds),
  new Option("--no-color", "no colours (also: NO_COLOR)"),
];

/** Gives every command the options that all have, so that they may stand anywhere on the line. */
export const addGlobalOptions = (command: Command): void => {
  for (const option of globalOptions()) {
    const taken = command.options.some(({ long }) => long === option.long);
    if (!taken) command.addOption(option.helpGroup("Options of every command:"));
  }
  for (const child of command.commands) addGlobalOptions(child);
};

/** The system's user as a principal. Characters that a subject cannot have become `-`. */
const systemUser = (): string => {
  try {
    const name = userInfo()
      .username.replaceAll(/[^A-Za-z0-9_-]/g, "-")
      .replace(/^[_-]+/, "");
    return isPrincipal(name) ? name : "operator";
  } catch {
    return "operator";
  }
};

/** Whom the credentials are for. A file that cannot be read is told of when it is needed. */
const nameInCredentials = ({ CIM_CREDENTIALS: file = "" }: Environment): string | undefined => {
  if (file === "") return undefined;
  try {
    return identityIn(readFileSync(file, "utf8"))?.name;
  } catch {
    return undefined;
  }
};

/** The options on the line, of a command and its parents. */
export const givenTo = (command: Command): Readonly<Record<string, unknown>> => {
  const given: Record<string, unknown> = {};
  for (let at: Command | null = command; at !== null; at = at.parent)
    for (const [name, value] of Object.entries(at.opts()))
      if (at.getOptionValueSource(name) === "cli") given[name] ??= value;
  return given;
};

/** Reads the settings of a command from its options, those of its parents, and the environment. */
export const settingsOf = (command: Command, env: Environment): Settings => {
  const given = givenTo(command);
  const text = (name: string, variable: string, check: (value: string) => string): string | undefined => {
    const option = given[name];
    if (typeof option === "string") return option;
    const value = env[variable] ?? "";
    if (value === "") return undefined;
    try {
      return check(value);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      return command.error(`error: ${variable} is '${value}'. ${error.message}`, { exitCode: 2 });
    }
  };
  const nats = text("nats", "CIM_NATS", server);
  return {
    json: given.json === true || given.output === "json",
    color: given.color !== false,
    nats: nats ?? defaultServer,
    natsGiven: nats !== undefined,
    prefix: text("prefix", "CIM_PREFIX", prefix) ?? "cim",
    principal: text("as", "CIM_PRINCIPAL", principal) ?? nameInCredentials(env) ?? systemUser(),
    secure: text("secure", "CIM_SECURE", (folder) => folder),
    timeoutSeconds: typeof given.timeout === "number" ? given.timeout : undefined,
  };
};
