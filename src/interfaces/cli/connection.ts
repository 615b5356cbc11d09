import { readFile } from "node:fs/promises";
import { Option, Schema } from "effect";
import { BackendUnavailable, CommandRefused } from "../../agents/kit/errors.ts";
import type { Client, ClientOptions, Json, Signer } from "../../agents/kit/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { CliFailure, messageOf } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import { type Environment, serverUrls } from "./settings.ts";

/** How long a command or query waits for a backend unless `--timeout` says otherwise. */
const patienceSeconds = 10;

type Access = Pick<ClientOptions, "servers" | "user" | "password" | "token" | "credentials">;

/**
 * The servers of a list of URLs and how to log in to them, as the first URL with a log-in says: with
 * `nats://user:password@host`, with `nats://token@host`, or with the `.creds` file that `CIM_CREDENTIALS` names.
 */
export const accessTo = async (urls: string, env: Environment): Promise<Access> => {
  const file = env.CIM_CREDENTIALS ?? "";
  const parts = serverUrls(urls).map((url) => /^(\w+:\/\/)?(?:([^@]*)@)?(.*)$/.exec(url) ?? []);
  const servers = parts.map(([, scheme = "", , server = ""]) => `${scheme}${server}`);
  const userinfo = parts.find(([, , given]) => given !== undefined)?.[2];
  const [first, password] = userinfo?.split(":").map(decodeURIComponent) ?? [];
  const login = password === undefined ? { token: first } : { user: first, password };
  const credentials = file === "" ? undefined : await readCredentials(file);
  return defined({ servers, ...login, credentials });
};

const readCredentials = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CliFailure(`CIM_CREDENTIALS is ${file}, which cannot be read: correct or unset it`, { cause: error });
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

const open = async ({ settings, host, traceparent }: Invocation, signer?: Signer): Promise<Client> => {
  const access = await accessTo(settings.nats, host.env);
  const { connect } = await import("../../agents/kit/client.ts");
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
    return checked(client);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const refused = cause instanceof Error && /authoriz|authentic/i.test(`${cause.name} ${cause.message}`);
    const server = [access.servers].flat().join(", ");
    throw new CliFailure(
      refused
        ? `the nats-server at ${server} refused the connection (${messageOf(cause)}): give --nats nats://USER:PASSWORD@HOST, or CIM_CREDENTIALS`
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
