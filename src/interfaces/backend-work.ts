import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect";
import type { ReferenceAgentsOptions } from "../agents/reference.ts";
import { referencePrincipals } from "../agents/roster.ts";
import { Authority } from "../application/authority.ts";
import { CheckedLog } from "../application/checked-log.ts";
import { CommandHandling } from "../application/command-handling.ts";
import { contexts } from "../application/contexts.ts";
import { runFeedWriter } from "../application/feed-writer.ts";
import { runTimers } from "../application/fired-timers.ts";
import { type FirstPrincipal, firstStart } from "../application/first-start.ts";
import { KnowledgeSpaces } from "../application/knowledge-spaces.ts";
import { answers } from "../application/operations/mod.ts";
import { PastViews } from "../application/past-views.ts";
import { FlakeInputs, LogStorage } from "../application/ports/mod.ts";
import { runPresenceTracking } from "../application/presence-tracking.ts";
import { runProcessManager } from "../application/process-manager.ts";
import { processes } from "../application/processes/mod.ts";
import { Queries } from "../application/queries.ts";
import { CommandRate, defaultPerSecond } from "../application/rates.ts";
import { ReadModels } from "../application/read-models.ts";
import { leasesOfUnderstanding, StandBy, standByLayer } from "../application/stand-by.ts";
import { publishedViews } from "../contract/views/mod.ts";
import { defined } from "../domain/kernel/mod.ts";
import type { Pins } from "../domain/nix/mod.ts";
import { openRoles } from "../domain/principal/standing.ts";
import { digestsLayer } from "../infrastructure/digests.ts";
import { graphWorkLayer } from "../infrastructure/graph-work.ts";
import { textIndexesLayer } from "../infrastructure/minisearch/text-indexes.ts";
import { arrangementEndpoint } from "../infrastructure/nats/arrangement-endpoint.ts";
import { artifactsLayer } from "../infrastructure/nats/artifacts.ts";
import { checkpointsLayer } from "../infrastructure/nats/checkpoints.ts";
import { commandEndpoint } from "../infrastructure/nats/command-endpoint.ts";
import { NatsConnection } from "../infrastructure/nats/connection.ts";
import type { ConnectionSettings } from "../infrastructure/nats/connection-options.ts";
import { embeddedServer } from "../infrastructure/nats/embedded-server/mod.ts";
import { watchStore } from "../infrastructure/nats/embedded-server/store-watch.ts";
import { eventStoreLayer } from "../infrastructure/nats/event-store/mod.ts";
import { feedLayer } from "../infrastructure/nats/feed.ts";
import { heartbeatsLayer } from "../infrastructure/nats/heartbeats.ts";
import { inboxLayer } from "../infrastructure/nats/inbox/mod.ts";
import { leasesLayer } from "../infrastructure/nats/leases.ts";
import { logClockLayer } from "../infrastructure/nats/log-clock.ts";
import { MicroService } from "../infrastructure/nats/micro-service.ts";
import { queryEndpoint } from "../infrastructure/nats/query-endpoint.ts";
import { readerEndpoint } from "../infrastructure/nats/reader-endpoint.ts";
import { snapshotsLayer } from "../infrastructure/nats/snapshots.ts";
import { timersLayer } from "../infrastructure/nats/timers.ts";
import { whileElecting } from "../infrastructure/nats/topology.ts";
import { viewStoreLayer } from "../infrastructure/nats/view-store.ts";
import type { NixosOptions } from "../infrastructure/nixos/nixos-hosts.ts";
import { oneLease } from "../infrastructure/one-lease.ts";
import { closedConfiguration } from "../infrastructure/security/mod.ts";
import { refusedConnections } from "../infrastructure/security/refused-connections.ts";
import { renewalEndpoint } from "../infrastructure/security/renewal-endpoint.ts";
import { runStoppedUsers } from "../infrastructure/security/stopped-users.ts";
import { type Fault, SimulatedHosts } from "../infrastructure/simulated/mod.ts";
import { views } from "../projections/registry.ts";
import { type AgentsThread, startAgents } from "./agents.ts";

/** The keys of a closed installation, as a backend needs them. */
export interface ClosedOptions {
  /** The folder of the keys. */
  readonly folder: string;
  /** The backend's own credentials, and the certificates by which it knows the server. */
  readonly credentials: string;
  readonly ca: string;
  /** The users that were made before the first start. They are admitted with their roles, once. */
  readonly users: ReadonlyArray<FirstPrincipal>;
}

/** How to run a backend. */
export interface BackendOptions {
  /** An existing nats-server. Without it an embedded one is started on `port`, with its data in `store`. */
  readonly nats?: Omit<ConnectionSettings, "prefix" | "name" | "replicas">;
  /** The replicas that every stream has, or is made with. By default those of the log, or 1 in a new installation. */
  readonly replicas?: number;
  readonly store: string;
  /** -1: any free port. */
  readonly port: number;
  readonly prefix: string;
  /** Whether the reference agents run in this process too, in a thread of their own. */
  readonly agents: boolean;
  /** What goes wrong on simulated hosts. Without it, the faults of the last run stay. */
  readonly faults?: ReadonlyArray<Fault>;
  /** How long a step on a simulated host takes, in milliseconds. */
  readonly simulatedStepMilliseconds?: number;
  /** How real hosts are reached and built. Without it, the agents deploy to simulated hosts only. */
  readonly nixos?: NixosOptions;
  /** Where the inputs of flakes come from. */
  readonly pins?: Pins;
  /** How long the deployer tries a host, and after how long an unconfirmed host goes back. */
  readonly patience?: Pick<ReferenceAgentsOptions, "reachWithinSeconds" | "confirmationMarginSeconds">;
  /** The commands a second that one principal may give; 0: as many as it likes. 100 by default. */
  readonly rate?: number;
  /** Seconds between two heartbeats of an agent; 10 by default. The agents in this process keep to it. */
  readonly heartbeatSeconds?: number;
  /** Closes the installation: the server checks who connects. Without it, whoever connects is believed. */
  readonly closed?: ClosedOptions;
  /** Seconds between two observations of a host that no deployment is changing. */
  readonly watchEverySeconds?: number;
}

/** A running backend, which answers commands. */
export interface Backend {
  readonly url: string;
  /** Resolves when the reference agents work, if there are any. Rejects if they do not start. */
  readonly agents: Promise<void>;
  /** The folder of the data; undefined if the nats-server is not embedded. */
  readonly store: string | undefined;
  /** The simulated hosts of this installation. */
  readonly simulated: SimulatedHosts;
}

const version = Effect.promise(async () => {
  const manifest: unknown = JSON.parse(await readFile(resolve(import.meta.dirname, "../../package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "0.0.0";
});

/** Every port, kept in NATS. */
const adapters = ({ heartbeatSeconds }: BackendOptions) =>
  Layer.mergeAll(
    eventStoreLayer(),
    snapshotsLayer,
    artifactsLayer,
    checkpointsLayer,
    leasesLayer(),
    timersLayer,
    heartbeatsLayer(defined({ intervalSeconds: heartbeatSeconds })),
    inboxLayer,
    viewStoreLayer,
    feedLayer,
    textIndexesLayer,
  ).pipe(Layer.provideMerge(digestsLayer));

/** Whether the nats-server stores commits. */
const logStorage = Layer.effect(
  LogStorage,
  Effect.map(NatsConnection, ({ storage }) => ({ problem: () => storage.problem })),
);

/** Views, commands and queries, on top of the ports. */
const core = (options: BackendOptions) =>
  Queries.layer(publishedViews, answers).pipe(
    Layer.provideMerge(CommandHandling.layer(contexts)),
    Layer.provideMerge(Authority.layer(options.closed === undefined ? openRoles : [])),
    Layer.provideMerge(ReadModels.layer(views, contexts)),
    Layer.provideMerge(PastViews.layer(views, contexts)),
    Layer.provideMerge(KnowledgeSpaces.layer),
    Layer.provideMerge(oneLease),
    Layer.provideMerge(leasesOfUnderstanding),
    Layer.provideMerge(standByLayer),
    Layer.provideMerge(CheckedLog.layer(contexts)),
    Layer.provideMerge(Layer.mergeAll(logClockLayer, logStorage)),
    Layer.provideMerge(adapters(options)),
  );

/** What only a closed installation has. */
const closedEndpoints = (folder: string) =>
  Layer.mergeAll(readerEndpoint, renewalEndpoint(folder), refusedConnections(folder));

/** The endpoints that clients reach. */
const endpoints = (serviceVersion: string, closed: ClosedOptions | undefined) =>
  Layer.mergeAll(
    commandEndpoint,
    queryEndpoint,
    arrangementEndpoint,
    closed === undefined ? Layer.empty : closedEndpoints(closed.folder),
  ).pipe(Layer.provide(MicroService.layer(serviceVersion)));

/** Work that goes on by itself. Each piece is active in one backend at a time, under a lease. */
const work = Layer.effectDiscard(
  Effect.gen(function* () {
    for (const process of processes) yield* Effect.forkScoped(runProcessManager(process, contexts));
    yield* Effect.forkScoped(runTimers);
    yield* Effect.forkScoped(runPresenceTracking);
    yield* Effect.forkScoped(runFeedWriter(contexts));
  }),
);

/** Builds a layer in the scope. If that fails, what was built of it is closed, so that it can be built again. */
const builtOrClosed = Effect.fnUntraced(function* <A, E>(layer: Layer.Layer<A, E>) {
  const own = yield* Scope.fork(yield* Effect.scope);
  return yield* Effect.onExit(Layer.buildWithScope(layer, own), (exit) =>
    Exit.isFailure(exit) ? Scope.close(own, exit) : Effect.void,
  );
});

/** Starts what a backend consists of. The agents start in their thread, beside what the caller does next. */
export const startBackend = Effect.fnUntraced(function* (options: BackendOptions, thread: AgentsThread | undefined) {
  const { nats, store, port, closed } = options;
  const closedPart = closed === undefined ? undefined : () => closedConfiguration(closed.folder);
  const server =
    nats === undefined ? yield* embeddedServer({ store, port, ...defined({ closed: closedPart }) }) : undefined;
  const settings: ConnectionSettings = {
    ...(nats ?? { servers: server?.url ?? "" }),
    prefix: options.prefix,
    name: "cim backend",
    ...defined({ replicas: options.replicas, credentials: closed?.credentials, ca: closed?.ca }),
  };
  const { rate = defaultPerSecond } = options;
  const connected = yield* Layer.build(NatsConnection.layer(settings));
  const { nc, replicas, storage } = Context.get(connected, NatsConnection);
  const parts = Layer.mergeAll(endpoints(yield* version, closed), work).pipe(
    Layer.provideMerge(core(options)),
    Layer.provideMerge(Layer.succeedContext(connected)),
    Layer.provideMerge(Layer.succeed(FlakeInputs, options.pins ?? {})),
    Layer.provideMerge(graphWorkLayer),
    Layer.provideMerge(Layer.succeed(CommandRate, rate === 0 ? undefined : rate)),
  );
  const context = yield* whileElecting(nc, builtOrClosed(parts), (error) =>
    error._tag === "StoreUnavailable" ? error.message : undefined,
  );
  if (closed !== undefined) yield* Effect.forkScoped(Effect.provideContext(runStoppedUsers(closed.folder), context));
  const principals = [...referencePrincipals, ...(closed?.users ?? [])];
  const first = yield* Effect.forkScoped(Effect.provideContext(firstStart(principals), context));
  // A backend that stands by gives no commands. It is up all the same, and says why.
  yield* Effect.raceFirst(Fiber.join(first), Context.get(context, StandBy).until(true));
  if (server !== undefined) yield* Effect.forkScoped(watchStore(server, storage));
  const { prefix, faults, simulatedStepMilliseconds: stepMilliseconds } = options;
  const simulated = yield* Effect.promise(() =>
    SimulatedHosts.open(nc, prefix, { replicas, ...defined({ stepMilliseconds }) }),
  );
  if (faults !== undefined) yield* Effect.promise(() => simulated.setFaults(faults));
  const { nixos, patience, watchEverySeconds, heartbeatSeconds } = options;
  const settingsOfAgents = {
    connection: settings,
    agents: { ...patience, ...defined({ watchEverySeconds, heartbeatSeconds }) },
    ...defined({ stepMilliseconds, nixos, keys: closed?.folder }),
  };
  const started =
    thread === undefined ? Effect.void : Fiber.join(yield* Effect.forkScoped(startAgents(thread, settingsOfAgents)));
  const agents = Effect.runPromise(started);
  // The caller may end before it asks.
  agents.catch(() => {});
  const running: Backend = {
    url: server?.url ?? `nats://${nc.getServer()}`,
    agents,
    store: server?.store,
    simulated,
  };
  return running;
});
