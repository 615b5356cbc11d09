import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { rawAnswer, refused, refusing } from "./answers.ts";
import { makeApp } from "./app.ts";
import { boundConnections } from "./connections.ts";
import { setHeaders } from "./guards.ts";
import { Health } from "./health.ts";
import { linkOf } from "./log-in.ts";
import { originsOf } from "./origins.ts";
import { Provider, type ProviderOptions } from "./provider.ts";
import { noSessionFile, sessionFile } from "./session-file.ts";
import { type ConnectAs, Sessions } from "./sessions.ts";
import { StaticFiles } from "./static-files.ts";

/** The port unless another one is named: 7422 is next to nobody's. */
export const defaultPort = 7422;
export const defaultAddress = "127.0.0.1";

export interface HttpOptions {
  /** Connects as a principal with that principal's rights. Every session has a connection of its own. */
  readonly connectAs: ConnectAs;
  /** The principal that health is looked at as. */
  readonly principal: string;
  /** Undefined: the default port, or any free one if that is taken. 0: any free one. */
  readonly port?: number | undefined;
  /** The address to listen at; loopback by default. */
  readonly address?: string | undefined;
  /** Further origins at which the port is reached, such as that of a proxy in front of it. */
  readonly origins?: ReadonlyArray<string> | undefined;
  /** The folder of the built page. */
  readonly page?: string | undefined;
  /** The file that keeps sessions over a restart; without one they end with the process. */
  readonly sessions?: string | undefined;
  /** The OpenID provider that people may log in by. Without one they log in by links. */
  readonly provider?: ProviderOptions | undefined;
  /** The connections that may be open. */
  readonly mostConnections?: number | undefined;
}

/** The HTTP port while it is open. */
export interface HttpPort {
  /** The origin that links begin with. */
  readonly origin: string;
  readonly port: number;
  /** Whether there is a page to open, or the API only. */
  readonly hasPage: boolean;
  /** Returns an address that logs one browser in as `principal`, once. */
  readonly link: (principal: string) => string;
  /** Whether somebody has the page open. */
  readonly isWatched: () => boolean;
  readonly close: () => Promise<void>;
}

/** Milliseconds between two looks at sessions whose time is over. */
const sweepEvery = 60_000;

/** Opens the port. Fails if it is named and taken, or if no nats-server answers. */
export const openHttpPort = async (options: HttpOptions): Promise<HttpPort> => {
  const { connectAs, principal, address = defaultAddress, origins: given = [] } = options;
  const page = options.page === undefined ? undefined : await StaticFiles.read(options.page);
  const client = await connectAs(principal);
  try {
    const file = options.sessions === undefined ? noSessionFile : sessionFile(options.sessions);
    const sessions = new Sessions(connectAs, file);
    await sessions.restore();
    const server = makeServer();
    const connections = boundConnections(server, options.mostConnections);
    const port = await listen(server, address, options.port);
    const origins = originsOf(address, port, given);
    const [origin = `http://${address}:${port}`] = origins.values();
    const open = () => ({ sessions: sessions.size, streams: sessions.tabs, connections: connections() });
    const { prefix } = client.names;
    const provider = options.provider === undefined ? undefined : new Provider(options.provider);
    const app = makeApp({ sessions, health: new Health(client), origins, port, prefix, page, provider, open });
    const answer = getRequestListener((request, env) => app.fetch(request, env), {
      overrideGlobalObjects: false,
      errorHandler: () => refusing(refused(400, "invalid-command", "this is not a request that can be answered")),
    });
    server.on("request", (incoming, outgoing) => {
      setHeaders(outgoing);
      void answer(incoming, outgoing);
    });
    const sweeping = setInterval(() => sessions.sweep(), sweepEvery);
    return {
      origin,
      port,
      hasPage: page !== undefined,
      link: (person) => linkOf(origin, sessions.newLink(person)),
      isWatched: () => sessions.tabs > 0,
      close: async () => {
        clearInterval(sweeping);
        const closed = new Promise((resolve) => server.close(resolve));
        await sessions.close();
        server.closeAllConnections();
        await closed;
        await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  }
};

/** A server that waits for no slow request, and answers also what it cannot read with all headers. */
const makeServer = (): Server => {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 2_000,
    maxHeaderSize: 16_384,
    // Refused by us, with the headers of every answer.
    requireHostHeader: false,
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    const [status, title, message] = unreadable(error.code);
    socket.end(rawAnswer(status, title, message), () => socket.destroy());
  });
  return server;
};

const unreadable = (code: string | undefined): readonly [number, string, string] => {
  if (code === "HPE_HEADER_OVERFLOW") return [431, "Request Header Fields Too Large", "the headers are too large"];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "Request Timeout", "the request did not arrive in time"];
  return [400, "Bad Request", "this is not HTTP"];
};

/** Listens, and returns the port. */
const listen = async (server: Server, address: string, wanted: number | undefined): Promise<number> => {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, () => {
        server.off("error", reject);
        const at = server.address();
        resolve(typeof at === "object" && at !== null ? at.port : port);
      });
    });
  try {
    return await attempt(wanted ?? defaultPort);
  } catch (error) {
    const taken = typeof error === "object" && error !== null && "code" in error && error.code === "EADDRINUSE";
    if (taken && wanted === undefined) return attempt(0);
    if (taken) throw new Error(`port ${wanted} of ${address} is taken: give another --console-port, or none`);
    throw error;
  }
};
