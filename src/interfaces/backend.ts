import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Effect, Layer, Schema } from "effect";
import { type ReferenceAgentsOptions, startReferenceAgents } from "../agents/reference.ts";
import { CommandHandling } from "../application/command-handling.ts";
import { contexts } from "../application/contexts.ts";
import { runFeedWriter } from "../application/feed-writer.ts";
import { runTimers } from "../application/fired-timers.ts";
import { KnowledgeSpaces } from "../application/knowledge-spaces.ts";
import { answers } from "../application/operations/mod.ts";
import { FlakeInputs } from "../application/ports/mod.ts";
import { runPresenceTracking } from "../application/presence-tracking.ts";
import { runProcessManager } from "../application/process-manager.ts";
import { ownPrincipals, processes } from "../application/processes/mod.ts";
import { Queries } from "../application/queries.ts";
import { ReadModels } from "../application/read-models.ts";
import { publishedViews } from "../contract/views/mod.ts";
import type { Pins } from "../domain/nix/mod.ts";
import { digestsLayer } from "../infrastructure/digests.ts";
import { messageOf } from "../infrastructure/message-of.ts";
import { textIndexesLayer } from "../infrastructure/minisearch/text-indexes.ts";
import { artifactsLayer } from "../infrastructure/nats/artifacts.ts";
import { checkpointsLayer } from "../infrastructure/nats/checkpoints.ts";
import { commandEndpoint } from "../infrastructure/nats/command-endpoint.ts";
import { type ConnectionSettings, NatsConnection } from "../infrastructure/nats/connection.ts";
import { embeddedServer } from "../infrastructure/nats/embedded-server/mod.ts";
import { eventStoreLayer } from "../infrastructure/nats/event-store/mod.ts";
import { feedLayer } from "../infrastructure/nats/feed.ts";
import { heartbeatsLayer } from "../infrastructure/nats/heartbeats.ts";
import { inboxLayer } from "../infrastructure/nats/inbox/mod.ts";
import { leasesLayer } from "../infrastructure/nats/leases.ts";
import { MicroService } from "../infrastructure/nats/micro-service.ts";
import { queryEndpoint } from "../infrastructure/nats/query-endpoint.ts";
import { snapshotsLayer } from "../infrastructure/nats/snapshots.ts";
import { timersLayer } from "../infrastructure/nats/timers.ts";
import { viewStoreLayer } from "../infrastructure/nats/view-store.ts";
import { NixosHosts, type NixosOptions } from "../infrastructure/nixos/nixos-hosts.ts";
import { type Fault, SimulatedHosts } from "../infrastructure/simulated/mod.ts";
import { views } from "../projections/registry.ts";

/** How a backend is run. */
export interface BackendOptions {
  /** An existing nats-server; without it an embedded one is started on `port` with its data in `store`. */
  readonly nats?: Omit<ConnectionSettings, "prefix" | "name">;
  readonly store: string;
  /** -1: any free one. */
  readonly port: number;
  readonly prefix: string;
  /** Whether the reference agents run in this process too. */
  readonly agents: boolean;
  /** What goes wrong on simulated hosts; absent: as it was before. */
  readonly faults?: ReadonlyArray<Fault>;
  /** How long a step on a simulated host takes, in milliseconds. */
  readonly simulatedStepMilliseconds?: number;
  /** How real hosts are reached and built; without it the agents deploy to simulated hosts alone. */
  readonly nixos?: NixosOptions;
  /** Where the inputs of flakes come from. */
  readonly pins?: Pins;
  /** How long agents try a host, and when one goes back by itself: see the deployer's. */
  readonly patience?: Pick<ReferenceAgentsOptions, "reachWithinSeconds" | "confirmationMarginSeconds">;
  /** How often agents are to be heard, in seconds; 10 by default. The agents in this process keep to it. */
  readonly heartbeatSeconds?: number;
  /** Seconds between two looks at hosts that no deployment is changing. */
  readonly watchEverySeconds?: number;
}

/** A running backend: it answers commands. */
export interface Backend {
  readonly url: string;
  /** Where the data is; undefined on a server that is not ours. */
  readonly store: string | undefined;
  /** The simulated hosts of this installation. */
  readonly simulated: SimulatedHosts;
}

export class BackendFailed extends Schema.TaggedError<BackendFailed>()("BackendFailed", { message: Schema.String }) {}

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
    leasesLayer,
    timersLayer,
    heartbeatsLayer(heartbeatSeconds === undefined ? {} : { intervalSeconds: heartbeatSeconds }),
    inboxLayer,
    viewStoreLayer,
    feedLayer,
    textIndexesLayer,
  ).pipe(Layer.provideMerge(digestsLayer));

/** What stands on the ports: views, commands, queries. */
const core = (options: BackendOptions) =>
  Queries.layer(publishedViews, answers).pipe(
    Layer.provideMerge(CommandHandling.layer(contexts, ownPrincipals)),
    Layer.provideMerge(ReadModels.layer(views, contexts)),
    Layer.provideMerge(KnowledgeSpaces.layer),
    Layer.provideMerge(adapters(options)),
  );

/** How others reach it. */
const endpoints = (serviceVersion: string) =>
  Layer.mergeAll(commandEndpoint, queryEndpoint).pipe(Layer.provide(MicroService.layer(serviceVersion)));

/** What goes on by itself; each in one backend at a time. */
const work = Layer.effectDiscard(
  Effect.gen(function* () {
    for (const process of processes) yield* Effect.forkScoped(runProcessManager(process, contexts));
    yield* Effect.forkScoped(runTimers);
    yield* Effect.forkScoped(runPresenceTracking);
    yield* Effect.forkScoped(runFeedWriter(contexts));
  }),
);

/** Runs a backend for as long as the scope lasts; ready to answer when this succeeds. */
export const backend = Effect.fnUntraced(function* (options: BackendOptions) {
  const server =
    options.nats === undefined ? yield* embeddedServer({ store: options.store, port: options.port }) : undefined;
  const settings: ConnectionSettings = {
    ...(options.nats ?? { servers: server?.url ?? "" }),
    prefix: options.prefix,
    name: "cim backend",
  };
  const context = yield* Layer.build(
    Layer.mergeAll(endpoints(yield* version), work).pipe(
      Layer.provideMerge(core(options)),
      Layer.provideMerge(NatsConnection.layer(settings)),
      Layer.provideMerge(Layer.succeed(FlakeInputs, options.pins ?? {})),
    ),
  );
  const { nc } = yield* Effect.provideContext(NatsConnection, context);
  const simulated = yield* Effect.promise(() =>
    SimulatedHosts.open(
      nc,
      options.prefix,
      options.simulatedStepMilliseconds === undefined ? {} : { stepMilliseconds: options.simulatedStepMilliseconds },
    ),
  );
  const { faults } = options;
  if (faults !== undefined) yield* Effect.promise(() => simulated.setFaults(faults));
  const { nixos, patience, watchEverySeconds, heartbeatSeconds } = options;
  const hosts = nixos === undefined ? {} : { nixos: yield* Effect.promise(() => NixosHosts.open(nixos)) };
  if (options.agents)
    yield* referenceAgents({
      ...settings,
      ...patience,
      operators: { simulated, ...hosts },
      ...(watchEverySeconds === undefined ? {} : { watchEverySeconds }),
      ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    });
  const running: Backend = { url: server?.url ?? `nats://${nc.getServer()}`, store: server?.store, simulated };
  return running;
});

const referenceAgents = (options: ReferenceAgentsOptions) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => startReferenceAgents(options),
      catch: (error) =>
        new BackendFailed({
          message: `the reference agents did not start: ${messageOf(error)}`,
        }),
    }),
    (agents) => Effect.promise(() => agents.stop()),
  );
