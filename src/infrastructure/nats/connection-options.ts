import { type ConnectionOptions, credsAuthenticator } from "@nats-io/transport-node";
import { defined } from "../../domain/kernel/defined.ts";

/** The settings to reach the nats-server. They can be sent to another thread. */
export interface ConnectionSettings {
  readonly servers: string | ReadonlyArray<string>;
  readonly prefix?: string;
  /** The replicas of each stream. The default is that of the log, or 1 in a new installation. */
  readonly replicas?: number;
  /** The name of the connection in the lists of the server. */
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The text of a `.creds` file. */
  readonly credentials?: string;
  /** The certificates (PEM) that the server is checked against. The default is those that the system trusts. */
  readonly ca?: string;
}

/** Returns the options of a connection of the backend. It reconnects for ever. */
export const connectionOptions = (settings: ConnectionSettings): ConnectionOptions => ({
  servers: typeof settings.servers === "string" ? settings.servers : [...settings.servers],
  name: settings.name ?? "cim-leaf",
  // A stack trace for each request costs as much as the request.
  noAsyncTraces: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  // The client leaves a silent server within 9 s. The default is six minutes.
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
