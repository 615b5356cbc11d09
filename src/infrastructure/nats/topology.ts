import { JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import { type NatsConnection as CoreConnection, errors } from "@nats-io/nats-core";
import { Effect, Option, Schedule, Schema } from "effect";
import type { Names } from "../../contract/names.ts";
import { messageOf } from "../message-of.ts";
import { isApiError } from "./api-errors.ts";
import { findStream, installationStreams } from "./find-streams.ts";

/** No usable nats-server: none answers, it refuses us, it is too old, or we do not support its topology. */
export class ConnectionFailed extends Schema.TaggedError<ConnectionFailed>()("ConnectionFailed", {
  message: Schema.String,
}) {}

/** How long a start waits for a cluster without a leader. An election takes seconds. */
const electedWithinSeconds = 60;
const serviceUnavailable = 503;
/** JetStream is not enabled, on the server or for the account. */
const notEnabled = [10076, 10039];

/** Returns whether a cluster may answer the same request a little later: it has no leader now, or is silent. */
const passes = (error: unknown): boolean =>
  error instanceof errors.TimeoutError ||
  (error instanceof JetStreamApiError && error.status === serviceUnavailable && !notEnabled.includes(error.code));

/** Returns whether the nats-server belongs to a cluster. */
export const isClustered = ({ info }: CoreConnection): boolean => info?.cluster !== undefined;

/**
 * Repeats an attempt while a cluster elects its leaders, for at most a minute. `why` returns the reason to wait, or
 * undefined for an error that will not pass. Each new reason is logged once, so that an operator sees why a start
 * waits.
 */
export const whileElecting = <A, E, R>(
  nc: CoreConnection,
  attempt: Effect.Effect<A, E, R>,
  why: (error: E) => string | undefined,
): Effect.Effect<A, E, R> => {
  let told: string | undefined;
  const tell = (error: E) => {
    const reason = isClustered(nc) ? why(error) : undefined;
    if (reason === undefined || reason === told) return Effect.void;
    told = reason;
    return Effect.logWarning(
      `the nats-servers are not ready, perhaps they elect a leader: waiting for at most ${electedWithinSeconds} s (${reason})`,
    );
  };
  return attempt.pipe(
    Effect.tapError(tell),
    Effect.retry({
      while: (error) => isClustered(nc) && why(error) !== undefined,
      schedule: Schedule.spaced("500 millis").pipe(Schedule.upTo({ duration: `${electedWithinSeconds} seconds` })),
    }),
  );
};

const refuse = (message: string) => Effect.fail(new ConnectionFailed({ message }));

const Statistics = Schema.fromJsonString(
  Schema.Struct({ data: Schema.Struct({ account_statz: Schema.Array(Schema.Struct({ leafnodes: Schema.Int })) }) }),
);
const decodeStatistics = Schema.decodeUnknownOption(Statistics);

/** The subject on which each server reports the statistics of an account. */
const accountStatistics = "$SYS.REQ.ACCOUNT.PING.STATZ";

/** Returns the number of leaf links of our account on all servers; 0 if we may not ask. */
const leafLinks = (nc: CoreConnection) =>
  Effect.tryPromise(async () => {
    const options = isClustered(nc)
      ? ({ strategy: "stall", stall: 200, maxWait: 1_000 } as const)
      : ({ strategy: "count", maxMessages: 1, maxWait: 1_000 } as const);
    let links = 0;
    for await (const answer of await nc.requestMany(accountStatistics, "", options)) {
      const accounts = Option.match(decodeStatistics(answer.string()), {
        onNone: () => [],
        onSome: ({ data }) => data.account_statz,
      });
      for (const { leafnodes } of accounts) links += leafnodes;
    }
    return links;
  }).pipe(Effect.orElseSucceed(() => 0));

/**
 * Refuses a server whose log would not be the only one. Servers that are linked as leaves share the subjects of an
 * account, but each has its own streams. So the logs of both would store a commit of one, either would answer a
 * command, and positions would differ (measured: 131 of 310).
 */
const refuseLeaves = Effect.fnUntraced(function* (nc: CoreConnection, { subjects }: Names) {
  const domain = nc.info === undefined ? undefined : Reflect.get(nc.info, "domain");
  if (typeof domain === "string" && domain !== "")
    return yield* refuse(
      `the nats-server has the JetStream domain \`${domain}\`, and CIM Leaf does not work across domains yet: use a server without \`domain\` in \`jetstream\`, and without leaf links`,
    );
  const links = yield* leafLinks(nc);
  if (links > 0)
    return yield* refuse(
      `the account of this connection has ${links} leaf ${links === 1 ? "link" : "links"}, and the server at the other end may store \`${subjects.allEvents}\` in a log of its own: give CIM Leaf an account without leaf links`,
    );
});

const newInstallation = "docs/cluster.md says how a log moves into an installation that is made with more replicas";

/**
 * Returns the number of replicas of this installation's streams, or of those that will be made. Streams are made with
 * their replicas and never scaled. A stream that was scaled from one replica to three in place has lost acknowledged
 * commits when the servers started again (3 of 3 runs).
 */
const settleReplicas = Effect.fnUntraced(function* (
  nc: CoreConnection,
  jsm: JetStreamManager,
  names: Names,
  wanted: number | undefined,
) {
  if (!isClustered(nc)) {
    if (wanted === undefined || wanted === 1) return 1;
    return yield* refuse(
      `--replicas ${wanted} needs a cluster of at least ${wanted} nats-servers, and ${nc.getServer()} is a single one: name a cluster with --nats URL,URL,URL, or leave out --replicas`,
    );
  }
  const ours = yield* asking(nc, () => installationStreams(jsm, names.prefix));
  const log = (yield* asking(nc, () => findStream(jsm, names.streams.events)))?.config.num_replicas;
  const replicas = log ?? wanted ?? 1;
  if (wanted !== undefined && wanted !== replicas)
    return yield* refuse(
      wanted > replicas
        ? `the log ${names.streams.events} was made with ${replicas} ${replicas === 1 ? "replica" : "replicas"}, and more cannot be added in place, because acknowledged commits can be lost: leave out --replicas; ${newInstallation}`
        : `the log ${names.streams.events} has ${replicas} replicas, --replicas says ${wanted}: leave out --replicas`,
    );
  const fewer = ours.filter(({ config }) => config.num_replicas < replicas);
  if (fewer.length > 0)
    return yield* refuse(
      `the log has ${replicas} replicas, and fewer have ${fewer.map(({ config }) => `${config.name} (${config.num_replicas})`).join(", ")}: streams are made with their replicas and not scaled; ${newInstallation}`,
    );
  return replicas;
});

/** Sends a request to JetStream, and waits while a cluster has no leader. */
const asking = <A>(nc: CoreConnection, request: () => Promise<A>): Effect.Effect<A, ConnectionFailed> =>
  whileElecting(nc, Effect.tryPromise({ try: request, catch: (error) => error }), (error) =>
    passes(error) ? messageOf(error) : undefined,
  ).pipe(
    Effect.mapError(
      (error) =>
        new ConnectionFailed({
          message: passes(error)
            ? `JetStream does not answer on the nats-server (${messageOf(error)}): check that most servers of its cluster are up`
            : `JetStream does not answer on the nats-server (${messageOf(error)}): enable it there, or leave out --nats`,
        }),
    ),
  );

/**
 * Checks the topology of the server, and waits until JetStream answers there. Returns the number of replicas of this
 * installation's streams. Refuses a topology that would put the log at risk.
 */
export const settleTopology = Effect.fnUntraced(function* (
  nc: CoreConnection,
  jsm: JetStreamManager,
  names: Names,
  replicas?: number,
) {
  yield* refuseLeaves(nc, names);
  yield* asking(nc, () => jsm.getAccountInfo());
  return yield* settleReplicas(nc, jsm, names, replicas);
});

/** The error codes of a cluster with too few servers, or too little room, for the replicas of a stream. */
const tooFewServers = [10005, 10023, 10074];

/** Returns why a stream could not be made with its replicas; undefined if the error has another reason. */
export const lackOfServers = (stream: string, replicas: number, error: unknown): string | undefined =>
  tooFewServers.some((code) => isApiError(error, code))
    ? `the stream ${stream} cannot be made with ${replicas} replicas (${messageOf(error)}): that takes ${replicas} nats-servers of one cluster, up and with room in their stores; start those that are missing`
    : undefined;
