import { type ConnectionOptions, credsAuthenticator } from "@nats-io/transport-node";
import { defined } from "../../domain/kernel/defined.ts";

/** How to reach the nats-server. Can be sent to another thread. */
export interface ConnectionSettings {
  readonly servers: string | ReadonlyArray<string>;
  readonly prefix?: string;
  /** The replicas that the streams have, or are made with. By default those of the log, or 1 in a new installation. */
  readonly replicas?: number;
  /** The name of the connection in the lists of the server. */
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The text of a `.creds` file. */
  readonly credentials?: string;
  /** The certificates (PEM) by which the server is known, if they are not those that the system trusts. */
  readonly ca?: string;
}

/** The options of a connection of the backend: it reconnects for ever. */
export const connectionOptions = (settings: ConnectionSettings): ConnectionOptions => ({
  servers: typeof settings.servers === "string" ? settings.servers : [...settings.servers],
  name: settings.name ?? "cim-leaf",
  // A stack trace for each request costs as much as the request.
  noAsyncTraces: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  // A server that is silent is left within 9 s, not after the default of six minutes.
  pingInterval: 3_000,
  maxPingOut: 2,
  waitOnFirstConnect: false,
  ...defined({
    user: settings.user,
    pass: settings.password,
    token: settings.token,
    tls: settings.ca === undefined ? undefined : { ca: settings.ca },
    authenticator:
      settings.credentials === undefined
        ? undefined
        : credsAuthenticator(new TextEncoder().encode(settings.credentials)),
  }),
});
