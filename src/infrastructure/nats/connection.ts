import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection as CoreConnection } from "@nats-io/transport-node";
import { Context, Effect, Layer } from "effect";
import { untrustedText } from "../../contract/credentials.ts";
import { type Names, names } from "../../contract/names.ts";
import { messageOf } from "../message-of.ts";
import { connectGathering, gatherWrites } from "./client-internals.ts";
import { type ConnectionSettings, connectionOptions } from "./connection-options.ts";
import { askThrough, ConnectionStatus, whenConnected } from "./connection-status.ts";
import { type KeptStreams, keepStreams } from "./kept-streams.ts";
import { LogReach } from "./log-reach.ts";
import { Publisher } from "./publisher.ts";
import { Storage } from "./storage.ts";
import { ConnectionFailed, isClustered, settleTopology } from "./topology.ts";

export { ConnectionFailed };

/** The oldest server with scheduled messages and per-key TTL. Timers and presence need them. */
const oldestServer = { major: 2, minor: 12 };

/**
 * The milliseconds that a stream may take to acknowledge. On one server, a late acknowledgement means a slow disk, and
 * will come. A leader that has lost its replicas never sends one.
 */
const acknowledgedWithin = 5_000;
const replicatedWithin = 2_000;
/** The milliseconds that the log's leader may take to report its state. */
const lookTimeout = 1_000;

const open = (settings: ConnectionSettings) =>
  Effect.tryPromise({
    try: () => connectGathering(connectionOptions(settings)),
    catch: (error) => {
      const where = typeof settings.servers === "string" ? settings.servers : settings.servers.join(", ");
      const refused = error instanceof Error && /authoriz|authentic/i.test(`${error.name} ${error.message}`);
      if (/certificate/i.test(messageOf(error))) return new ConnectionFailed({ message: untrustedText(where) });
      return new ConnectionFailed({
        message: refused
          ? `the nats-server at ${where} refused the connection (${messageOf(error)}): check user, password, token or credentials`
          : `no nats-server answers at ${where}: start one or leave out --nats`,
      });
    },
  });

/** Flushes what was published, and closes. Does not wait for a connection that is down. */
const close = (nc: CoreConnection) =>
  Effect.promise(() => (nc.isClosed() ? Promise.resolve() : nc.drain())).pipe(
    Effect.timeoutOption("2 seconds"),
    Effect.catchDefect(() => Effect.void),
    Effect.andThen(Effect.promise(() => nc.close())),
  );

const checkVersion = (nc: CoreConnection) => {
  const version = nc.info?.version ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = major > oldestServer.major || (major === oldestServer.major && minor >= oldestServer.minor);
  return fits
    ? Effect.void
    : Effect.fail(
        new ConnectionFailed({
          message: `the nats-server is version ${version}, CIM Leaf needs ${oldestServer.major}.${oldestServer.minor} or newer: upgrade it, or leave out --nats`,
        }),
      );
};

/** A connection to the server, with JetStream. It reconnects for ever. */
export class NatsConnection extends Context.Service<
  NatsConnection,
  {
    readonly nc: CoreConnection;
    readonly js: JetStreamClient;
    readonly jsm: JetStreamManager;
    readonly names: Names;
    /** The number of replicas of every stream of this installation: a stream is made with them. */
    readonly replicas: number;
    /** Whether the log can be written from here now. */
    readonly reach: LogReach;
    /** The settings that opened it, for threads that need their own connection. */
    readonly settings: ConnectionSettings;
    /** Whether the connection is there now. */
    readonly isConnected: () => boolean;
    /**
     * Calls `listener` after each reconnection, until the returned function is called. On a reconnection the server
     * forgets the pulls and requests of this client, so readers must start again.
     */
    readonly onReconnect: (listener: () => void) => () => void;
    /** Does the same as `js.publish`, and is cheaper: see `Publisher`. */
    readonly publish: Publisher["publish"];
    readonly send: Publisher["send"];
    /** Whether the server stores commits. */
    readonly storage: Storage;
    /** The streams that are made again if they are lost. */
    readonly streams: KeptStreams;
    /** Waits at most 5 s while the connection is down. The client would drop messages that are published then. */
    readonly connected: Effect.Effect<void, Error>;
    /**
     * Waits for the connection, sends a request, and returns its answer. If the connection is lost meanwhile, it fails
     * at once: the request may have arrived, but no answer will. `signal` aborts when no caller waits any more.
     */
    readonly ask: <A>(request: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, Error>;
  }
>()("cim/infrastructure/nats/NatsConnection") {
  static readonly layer = (settings: ConnectionSettings): Layer.Layer<NatsConnection, ConnectionFailed> =>
    Layer.effect(
      NatsConnection,
      Effect.gen(function* () {
        const nc = yield* Effect.acquireRelease(open(settings), close);
        yield* checkVersion(nc);
        const known = names(settings.prefix);
        const jsm = yield* Effect.promise(() => jetstreamManager(nc, { checkAPI: false }));
        const replicas = yield* settleTopology(nc, jsm, known, settings.replicas);
        const status = new ConnectionStatus(nc);
        status.on("disconnect", gatherWrites);
        const streams = yield* keepStreams(nc, jsm);
        status.on("reconnect", streams.look);
        const within = replicas > 1 ? replicatedWithin : acknowledgedWithin;
        const looking = yield* Effect.promise(() => jetstreamManager(nc, { checkAPI: false, timeout: lookTimeout }));
        const reach = yield* Effect.acquireRelease(
          Effect.sync(() => new LogReach(() => looking.streams.info(known.streams.events), isClustered(nc))),
          (opened) => Effect.sync(() => opened.close()),
        );
        const events = known.subjects.allEvents.slice(0, -1);
        const publisher = new Publisher(nc, status, within, (subject) => {
          if (subject.startsWith(events)) reach.noTaker();
          streams.look();
        });
        return {
          nc,
          js: jetstream(nc),
          jsm,
          names: known,
          replicas,
          reach,
          settings,
          isConnected: () => status.connected && !nc.isClosed(),
          publish: (...message) => publisher.publish(...message),
          send: (...message) => publisher.send(...message),
          streams,
          storage: new Storage(() => `at ${nc.getServer()}`),
          onReconnect: (listener) => status.on("reconnect", listener),
          connected: whenConnected(status),
          ask: askThrough(status),
        };
      }),
    );
}
