import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { Result, Schema } from "effect";
import { defined } from "../../../domain/kernel/mod.ts";
import { CliFailure, messageOf, systemCode, usageFailure } from "../errors.ts";
import { type Environment, serverUrls } from "../settings.ts";

/** How to connect to an installation, under a name. Paths are absolute. */
export const Context = Schema.Struct({
  servers: Schema.optionalKey(Schema.String),
  credentials: Schema.optionalKey(Schema.String),
  ca: Schema.optionalKey(Schema.String),
  secure: Schema.optionalKey(Schema.String),
  prefix: Schema.optionalKey(Schema.String),
  principal: Schema.optionalKey(Schema.String),
});
export type Context = typeof Context.Type;

/** Whose command line keeps it: this one, or that of nats. */
export type Keeper = "cim" | "nats";

/** The variable that each part of a context stands for. */
const variables = {
  servers: "CIM_NATS",
  credentials: "CIM_CREDENTIALS",
  ca: "CIM_CA",
  secure: "CIM_SECURE",
  prefix: "CIM_PREFIX",
  principal: "CIM_PRINCIPAL",
} as const satisfies Readonly<Record<keyof Context, string>>;

/** A line that says one of these is about another installation than the selected one. */
export const places = ["CIM_NATS", "CIM_CREDENTIALS", "CIM_SECURE"] as const;

const isName = (text: string): boolean => /^[A-Za-z0-9][\w.-]{0,63}$/.test(text);

export const refuseContextName = (name: string): void => {
  if (!isName(name))
    throw usageFailure(`\`${name}\` cannot be the name of a context: it has 1-64 characters of A-Z a-z 0-9 _ . -`);
};

/** The folder of a program's settings. Without a home there is none. */
const configuration = ({ XDG_CONFIG_HOME: config = "", HOME: home = "" }: Environment): string | undefined =>
  config === "" ? (home === "" ? undefined : join(home, ".config")) : config;

const folders = { cim: join("cim", "context"), nats: join("nats", "context") } as const;

/** The folder of the contexts of a command line. */
export const contextFolder = (env: Environment, keeper: Keeper): string | undefined => {
  const folder = configuration(env);
  return folder === undefined ? undefined : join(folder, folders[keeper]);
};

/** The file that names the selected context, beside the folder of contexts. */
export const selectionFile = "context.txt";

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return undefined;
    throw new CliFailure(`${path} cannot be read (${messageOf(error)}): correct or remove it`, { cause: error });
  }
};

/** The name of the selected context. */
export const selectedContext = (env: Environment): string | undefined => {
  const folder = contextFolder(env, "cim");
  const name = folder === undefined ? undefined : readIfThere(join(folder, "..", selectionFile))?.trim();
  return name === "" ? undefined : name;
};

/** What the nats command line writes. It writes empty texts for what is not set, and has more than is read here. */
const NatsContext = Schema.Struct(
  Object.fromEntries(
    ["url", "creds", "ca", "user", "password", "token", "nkey", "nsc", "user_jwt", "cert", "key", "socks_proxy"].map(
      (name) => [name, Schema.optionalKey(Schema.NullOr(Schema.String))],
    ),
  ),
);

const inHome = (path: string): string => resolve(path.replace(/^~(?=\/|$)/, homedir()));

/** With the log-in in each URL, as this command line takes it. */
const withLogin = (urls: string, login: string): string =>
  urls
    .split(",")
    .map((url) => url.trim().replace(/^(\w+:\/\/)?/, (scheme) => `${scheme === "" ? "nats://" : scheme}${login}@`))
    .join(",");

const ofNats = (given: typeof NatsContext.Type, path: string): Context => {
  const text = (name: string) => given[name] || undefined;
  const unused = ["nkey", "nsc", "user_jwt", "cert", "key", "socks_proxy"].find((name) => text(name) !== undefined);
  if (unused !== undefined)
    throw new CliFailure(`${path} has \`${unused}\`, which cim does not use: make one with \`cim context add\``);
  const url = text("url") ?? "nats://127.0.0.1:4222";
  const [user, password, token] = [text("user"), text("password"), text("token")].map((part) =>
    part === undefined ? undefined : encodeURIComponent(part),
  );
  const login = user === undefined ? token : `${user}:${password ?? ""}`;
  const [credentials, ca] = [text("creds"), text("ca")].map((file) => (file === undefined ? file : inHome(file)));
  return defined({ servers: login === undefined ? url : withLogin(url, login), credentials, ca });
};

const parsed = <A>(schema: Schema.Decoder<A>, text: string, path: string): A => {
  const result = Schema.decodeUnknownResult(Schema.fromJsonString(schema))(text);
  if (Result.isSuccess(result)) return result.success;
  throw new CliFailure(`${path} is not a context (${messageOf(result.failure)}): correct or remove it`);
};

/** Returns a context of one of the command lines; undefined if it has none of this name. */
export const readContext = (env: Environment, name: string, keeper: Keeper): Context | undefined => {
  const folder = contextFolder(env, keeper);
  if (folder === undefined || !isName(name)) return undefined;
  const path = join(folder, `${name}.json`);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  return keeper === "cim" ? parsed(Context, text, path) : ofNats(parsed(NatsContext, text, path), path);
};

/** The names of the contexts of a command line, in order. */
export const contextNames = (env: Environment, keeper: Keeper): ReadonlyArray<string> => {
  const folder = contextFolder(env, keeper);
  if (folder === undefined) return [];
  let files: ReadonlyArray<string>;
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"))
    .filter(isName)
    .toSorted();
};

/** A context of this command line, else one of that of nats. */
const anyContext = (env: Environment, name: string): readonly [context: Context, keeper: Keeper] | undefined => {
  for (const keeper of ["cim", "nats"] as const) {
    const found = readContext(env, name, keeper);
    if (found !== undefined) return [found, keeper];
  }
  return undefined;
};

/** Finds a context by its name. Throws if there is none. */
export const findContext = (env: Environment, name: string): readonly [context: Context, keeper: Keeper] => {
  const found = anyContext(env, name);
  if (found !== undefined) return found;
  const known = [...new Set([...contextNames(env, "cim"), ...contextNames(env, "nats")])];
  const others = known.length === 0 ? "there is none yet: `cim context add`" : `there are ${known.join(", ")}`;
  throw usageFailure(`there is no context \`${name}\` (${others})`);
};

/** The selected context; undefined if none is selected. */
export const findSelected = (env: Environment): Context | undefined => {
  const name = selectedContext(env);
  if (name === undefined) return undefined;
  const [found] = anyContext(env, name) ?? [];
  if (found !== undefined) return found;
  throw usageFailure(
    `the selected context \`${name}\` is gone: select another one with \`cim context use NAME\`, or --none`,
  );
};

/** The environment, filled up from a context. */
export const filledUp = (env: Environment, context: Context): Environment => {
  const more = Object.entries(variables).flatMap(([part, variable]) => {
    const value = context[part as keyof Context];
    return value === undefined || (env[variable] ?? "") !== "" ? [] : [[variable, value]];
  });
  return { ...env, ...Object.fromEntries(more) };
};

/** URLs as they may be shown: without passwords and tokens. */
export const withoutSecrets = (urls: string): string =>
  serverUrls(urls)
    .map((url) =>
      url.replace(/^(\w+:\/\/)?([^@:]*)(:.*)?@/, (_, scheme = "", user: string, password?: string) =>
        password === undefined ? `${scheme}***@` : `${scheme}${user}:***@`,
      ),
    )
    .join(",");
