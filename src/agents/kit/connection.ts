import {
  AuthorizationError,
  type ConnectionOptions,
  credsAuthenticator,
  connect as dial,
  type NatsConnection,
  UserAuthenticationExpiredError,
} from "@nats-io/transport-node";
import { messageOf } from "./errors.ts";

/** Where to connect, and as whom. */
export interface ConnectionSettings {
  /** URLs of nats-servers, such as `nats://127.0.0.1:4222`. */
  readonly servers: string | ReadonlyArray<string>;
  /** Who asks: on a secured server, the NATS user may publish only under it. */
  readonly principal: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The text of a `.creds` file. */
  readonly credentials?: string;
}

/** Connects; throws where no nats-server answers or it refuses us. Reconnects for ever. */
export const openConnection = async (options: ConnectionSettings): Promise<NatsConnection> => {
  const settings: ConnectionOptions = {
    servers: typeof options.servers === "string" ? options.servers : [...options.servers],
    name: options.principal,
    // The stack that each request would take along costs as much as the request.
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 5_000,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.password === undefined ? {} : { pass: options.password }),
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.credentials === undefined
      ? {}
      : { authenticator: credsAuthenticator(new TextEncoder().encode(options.credentials)) }),
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

/** Sends what was published, and closes; a connection that is down is not waited for. */
export const closeConnection = async (nats: NatsConnection): Promise<void> => {
  if (nats.isClosed()) return;
  const patience = AbortSignal.timeout(2_000);
  const tired = new Promise<void>((resolve) => patience.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([nats.drain().catch(() => undefined), tired]);
  await nats.close();
};
