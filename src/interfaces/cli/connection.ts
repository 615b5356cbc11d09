import { readFile } from "node:fs/promises";
import { Option, Schema } from "effect";
import { BackendUnavailable, CommandRefused } from "../../agents/kit/errors.ts";
import type { Client, ClientOptions, Json, Signer } from "../../agents/kit/mod.ts";
import { identityIn, untrustedText } from "../../contract/credentials.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { CliFailure, messageOf } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import { writePrivateFile } from "./private-file.ts";
import { type Environment, type Settings, serverUrls } from "./settings.ts";

/** How long a command or query waits for a backend unless `--timeout` says otherwise. */
const patienceSeconds = 10;

type Access = Pick<ClientOptions, "servers" | "user" | "password" | "token" | "credentials" | "ca">;

/**
 * The servers of a list of URLs and how to log in to them, as the first URL with a log-in says: with
 * `nats://user:password@host`, with `nats://token@host`, or with the `.creds` file that `CIM_CREDENTIALS` names. The file that
 * `CIM_CA` names has the certificates by which the servers are known.
 */
export const accessTo = async (urls: string, env: Environment): Promise<Access & FileAccess> => {
  const parts = serverUrls(urls).map((url) => /^(\w+:\/\/)?(?:([^@]*)@)?(.*)$/.exec(url) ?? []);
  const servers = parts.map(([, scheme = "", , server = ""]) => `${scheme}${server}`);
  const userinfo = parts.find(([, , given]) => given !== undefined)?.[2];
  const [first, password] = userinfo?.split(":").map(decodeURIComponent) ?? [];
  const login = password === undefined ? { token: first } : { user: first, password };
  const [credentials, ca] = [await readNamed(env, "CIM_CREDENTIALS"), await readNamed(env, "CIM_CA")];
  return defined({ servers, ...login, credentials, ca });
};

/** Access whose credentials are a text, which another thread can have too. */
interface FileAccess {
  readonly credentials?: string;
}

/** The text of the file that a variable names. */
const readNamed = async (env: Environment, variable: "CIM_CREDENTIALS" | "CIM_CA"): Promise<string | undefined> => {
  const file = env[variable] ?? "";
  if (file === "") return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CliFailure(`${variable} is ${file}, which cannot be read: correct or unset it`, { cause: error });
  }
};

/** Access with credentials that are made of the keys of a closed installation, if their folder is named. */
const accessByKeys = async <C extends NonNullable<Access["credentials"]>>(
  { nats, secure }: Pick<Settings, "nats" | "secure">,
  env: Environment,
  credentialsIn: (security: typeof import("../../infrastructure/security/mod.ts"), folder: string) => Promise<C>,
) => {
  const access = await accessTo(nats, env);
  if (secure === undefined) return access;
  const security = await import("../../infrastructure/security/mod.ts");
  return withKeys(async () => ({
    ...access,
    credentials: await credentialsIn(security, secure),
    ca: await security.authorityOf(secure),
  }));
};

/**
 * The same for a principal. Whoever has the folder of the keys of a closed installation connects as any of its users, with
 * credentials that are made for the connection.
 */
export const accessAs = (
  settings: Pick<Settings, "nats" | "secure">,
  principal: string,
  env: Environment,
): Promise<Access> =>
  accessByKeys(settings, env, ({ sessionCredentials }, folder) => sessionCredentials(folder, principal));

/** The same with the rights of a backend, for what reads streams as it does. Credentials of a peer would not do. */
export const backendAccess = async (
  settings: Pick<Settings, "nats" | "secure">,
  env: Environment,
): Promise<Access & FileAccess> => {
  const access = await accessByKeys(settings, env, ({ backendCredentials }, folder) => backendCredentials(folder));
  if (identityIn(access.credentials ?? "")?.isPeer === true) throw withoutStreams();
  return access;
};

/** The same run of a command, whose connection has the rights of a backend. */
export const asBackend = (cli: Invocation): Invocation => ({ ...cli, asBackend: true });

const withoutStreams = (): CliFailure =>
  new CliFailure(
    "this reads streams as a backend does: in a closed installation give --secure FOLDER, or the credentials of cim-backend in CIM_CREDENTIALS",
  );

/** Does what needs the folder of keys. What is wrong with it is told without a stack trace. */
export const withKeys = async <A>(work: () => Promise<A>): Promise<A> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === "SecurityFailed")
      throw new CliFailure(error.message, { cause: error });
    throw error;
  }
};

/**
 * Opens a connection to the installation as the principal of the settings, uses it, and closes it. The client is loaded
 * only here, so that commands without a server start faster.
 */
export const withClient = async <T>(
  cli: Invocation,
  use: (client: Client) => Promise<T>,
  signer?: Signer,
): Promise<T> => {
  const client = await open(cli, signer);
  try {
    return await use(client);
  } catch (error) {
    throw explained(error);
  } finally {
    await client.close();
  }
};

const open = async (cli: Invocation, signer?: Signer): Promise<Client> => {
  const { settings, host, traceparent } = cli;
  const access =
    cli.asBackend === true
      ? await backendAccess(settings, host.env)
      : await accessAs(settings, settings.principal, host.env);
  const [{ connect }, { isDue, renewed }] = await Promise.all([
    import("../../agents/kit/client.ts"),
    import("../../agents/kit/renewal.ts"),
  ]);
  const { checked } = await import("./checked-client.ts");
  const timeoutMs = (settings.timeoutSeconds ?? patienceSeconds) * 1000;
  try {
    const client = await connect({
      ...access,
      prefix: settings.prefix,
      principal: settings.principal,
      timeoutMs,
      ...defined({ signer, traceparent }),
    });
    const { CIM_CREDENTIALS: file = "" } = host.env;
    if (file !== "" && typeof access.credentials === "string" && isDue(access.credentials))
      await renewed(client.nats, client.names, access.credentials)
        .then((text) => writePrivateFile(file, text))
        .catch((error: unknown) => cli.output.note(`${file} was not renewed: ${messageOf(error)}`));
    return checked(client);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const text = messageOf(cause);
    const server = [access.servers].flat().join(", ");
    if (/certificate/i.test(text)) throw new CliFailure(untrustedText(server), { cause });
    const refused = cause instanceof Error && /authoriz|authentic/i.test(`${cause.name} ${cause.message}`);
    throw new CliFailure(
      refused
        ? `the nats-server at ${server} refused the connection (${text}): give --nats nats://USER:PASSWORD@HOST, or CIM_CREDENTIALS`
        : `no nats-server answers at ${server}: start one with \`cim up\`, or give --nats`,
      { cause },
    );
  }
};

/** A refusal with lines below it that explain more. */
export const refusedWith = (error: unknown, below: ReadonlyArray<string>): unknown => {
  const failure = explained(error);
  if (!(failure instanceof CliFailure)) return error;
  const { message, exitCode, document } = failure;
  return new CliFailure(message, { exitCode, document, below: below.map((line) => `  ${line}`), cause: error });
};

/** A refusal of the backend, or its silence, as a failure of the command line. */
const explained = (error: unknown): unknown => {
  if (error instanceof CommandRefused) {
    const { code, message, details } = error;
    const document = { ok: false, error: defined({ code, message, details }) };
    return new CliFailure(message, { document, below: listed(details), cause: error });
  }
  if (error instanceof BackendUnavailable) {
    const document = { ok: false, error: { code: "unavailable", message: error.message } };
    return new CliFailure(error.message, { document, cause: error });
  }
  return error;
};

const decodeDetails = Schema.decodeUnknownOption(
  Schema.Struct({ problems: Schema.Array(Schema.Union([Schema.String, Schema.Struct({ message: Schema.String })])) }),
);

/** The problems of a graph in a refusal, each on a line of its own. */
const listed = (details: Json | undefined): ReadonlyArray<string> => {
  const { problems = [] } = Option.getOrElse(decodeDetails(details), () => ({ problems: undefined }));
  return problems.map((problem) => `  ${typeof problem === "string" ? problem : problem.message}`);
};

/** Sends commands whose payloads come from files and options. The backend checks them, not the compiler. */
export const unchecked = (client: Client) => client.command<string, string>;
