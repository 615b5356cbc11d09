import {
  AuthorizationError,
  type ConnectionOptions,
  credsAuthenticator,
  connect as dial,
  type NatsConnection,
  UserAuthenticationExpiredError,
} from "@nats-io/transport-node";
import { identityIn } from "../../contract/credentials.ts";
import { inboxPrefix } from "../../contract/names.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { messageOf } from "./errors.ts";

/** The nats-servers, and the identity there. */
export interface ConnectionSettings {
  /** URLs of nats-servers, such as `nats://127.0.0.1:4222`. */
  readonly servers: string | ReadonlyArray<string>;
  /** The principal of commands. In a closed installation the NATS user may publish only under it. */
  readonly principal: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /**
   * The text of a `.creds` file, or a function that returns the newest one: it is called for each connection, also when a
   * lost one is made again.
   */
  readonly credentials?: string | (() => string);
  /**
   * Takes the text of the newest credentials whenever the backend has renewed them, which it does while the client is
   * connected. Write it to the file: after its old end nobody else renews it.
   */
  readonly onRenewed?: (credentials: string) => void;
  /** The certificates (PEM) by which the server is known, if they are not those that the system trusts. */
  readonly ca?: string;
}

/** Returns what the credentials say of a closed installation: whether it is one, and whether they are those of a peer there. */
export const closedness = ({ credentials }: Pick<ConnectionSettings, "credentials">) => {
  const { isPeer = false, isClosed = false } = (credentials !== undefined && identityIn(textOf(credentials))) || {};
  return { isPeer, isClosed };
};

const textOf = (credentials: string | (() => string)): string =>
  typeof credentials === "string" ? credentials : credentials();

/** Connects. Throws if no nats-server answers or it refuses the connection. Reconnects for ever. */
export const openConnection = async (options: ConnectionSettings): Promise<NatsConnection> => {
  const { user, password, token, credentials, ca } = options;
  const settings: ConnectionOptions = {
    servers: typeof options.servers === "string" ? options.servers : [...options.servers],
    name: options.principal,
    // The stack that each request would take along costs as much as the request.
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    // A server that is silent is left within 9 s, not after the default of six minutes.
    pingInterval: 3_000,
    maxPingOut: 2,
    ...defined({
      user,
      pass: password,
      token,
      authenticator:
        credentials === undefined ? undefined : credsAuthenticator(() => new TextEncoder().encode(textOf(credentials))),
      inboxPrefix: closedness(options).isPeer ? inboxPrefix(options.principal) : undefined,
      tls: ca === undefined ? undefined : { ca },
    }),
  };
  try {
    return await dial(settings);
  } catch (error) {
    const where = [options.servers].flat().join(", ");
    const refused = error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
    const message = refused
      ? `the nats-server at ${where} refused the connection (${messageOf(error)}): check user, password, token or credentials`
      : `cannot connect to a nats-server at ${where} (${messageOf(error)}): start one with \`cim up\``;
    throw new Error(message, { cause: error });
  }
};

/** Sends what was published, and closes. Does not wait for a connection that is down. */
export const closeConnection = async (nats: NatsConnection): Promise<void> => {
  if (nats.isClosed()) return;
  const patience = AbortSignal.timeout(2_000);
  const tired = new Promise<void>((resolve) => patience.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([nats.drain().catch(() => undefined), tired]);
  await nats.close();
};
