import { Effect, Layer, type Result, type Schema, type Scope, Stream } from "effect";
import { TestClock } from "effect/testing";
import { Authority } from "../../../src/application/authority.ts";
import { CheckedLog } from "../../../src/application/checked-log.ts";
import type { CommandError } from "../../../src/application/command-error.ts";
import { CommandHandling } from "../../../src/application/command-handling.ts";
import type { CommandAccepted, CommandRequest } from "../../../src/application/command-request.ts";
import { contexts } from "../../../src/application/contexts.ts";
import { runTimers } from "../../../src/application/fired-timers.ts";
import { firstStart } from "../../../src/application/first-start.ts";
import { KnowledgeSpaces } from "../../../src/application/knowledge-spaces.ts";
import { answers } from "../../../src/application/operations/mod.ts";
import { PastViews } from "../../../src/application/past-views.ts";
import { type Artifacts, type Commit, EventStore } from "../../../src/application/ports/mod.ts";
import { runProcessManager } from "../../../src/application/process-manager.ts";
import { processes } from "../../../src/application/processes/mod.ts";
import { Queries } from "../../../src/application/queries.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import { recordedEvents } from "../../../src/application/recorded-events.ts";
import { publishedViews } from "../../../src/contract/views/mod.ts";
import { isOwnPrincipal, type RecordedEvent, type Role } from "../../../src/domain/kernel/mod.ts";
import { openRoles } from "../../../src/domain/principal/standing.ts";
import { digestsLayer } from "../../../src/infrastructure/digests.ts";
import {
  memoryCheckpointsLayer,
  memoryEventStoreLayer,
  memorySnapshotsLayer,
} from "../../../src/infrastructure/memory/event-store.ts";
import {
  type Delivery,
  memoryInboxLayer,
  memoryLeasesLayer,
  memoryTimersLayer,
} from "../../../src/infrastructure/memory/messaging.ts";
import { memoryArtifactsLayer, memoryViewStoreLayer } from "../../../src/infrastructure/memory/storage.ts";
import { textIndexesLayer } from "../../../src/infrastructure/minisearch/text-indexes.ts";
import { views } from "../../../src/projections/registry.ts";
import { commitsIn } from "../../support/memory.ts";

export type Payload = Readonly<Record<string, Schema.Json>>;

/** What an agent does with a delivery. */
export type Behaviour = (leaf: Leaf, self: string, delivery: Delivery) => Effect.Effect<void>;

/** A whole backend in memory, whose time is a test clock's. */
export interface Leaf {
  readonly give: (
    principal: string,
    aggregate: string,
    id: string,
    command: string,
    payload?: Payload,
  ) => Effect.Effect<Result.Result<CommandAccepted, CommandError>>;
  /** Gives a command with all that came with it. */
  readonly handle: (request: CommandRequest) => Effect.Effect<Result.Result<CommandAccepted, CommandError>>;
  /** Gives a principal roles, in the name of the installation. */
  readonly grant: (id: string, ...roles: ReadonlyArray<Role>) => Effect.Effect<void>;
  /** What a backend does when it starts. */
  readonly firstStart: (agents: Parameters<typeof firstStart>[0]) => Effect.Effect<void>;
  /** Registers an agent that is online, has the roles of its capabilities, and does this with what it gets. */
  readonly join: (id: string, profile: Payload, behaviour: Behaviour) => Effect.Effect<void>;
  /** Lets everything happen that needs no time to pass. */
  readonly settle: Effect.Effect<void>;
  /** Lets time pass, second by second, and what it brings happen. */
  readonly pass: (seconds: number) => Effect.Effect<void>;
  readonly events: (aggregate: string, id: string) => Effect.Effect<ReadonlyArray<RecordedEvent>>;
  /** The whole log. */
  readonly commits: Effect.Effect<ReadonlyArray<Commit>>;
  readonly document: (view: string, id: string) => Effect.Effect<Payload>;
  readonly ask: (view: string, operation: string, input: Payload) => Effect.Effect<Schema.Json, CommandError>;
}

const rolesOfCapabilities: ReadonlyArray<readonly [capability: string, role: Role]> = [
  ["review", "voter"],
  ["deploy", "deployer"],
  ["monitor", "monitor"],
];

const makeLeaf = Effect.fnUntraced(function* (inboxes: Map<string, Array<Delivery>>) {
  const handling = yield* CommandHandling;
  const store = yield* EventStore;
  const readModels = yield* ReadModels;
  const queries = yield* Queries;
  const behaviours = new Map<string, Behaviour>();

  const give: Leaf["give"] = (principal, aggregate, id, command, payload = {}) =>
    Effect.result(
      handling.handle({
        aggregate,
        id,
        command,
        payload,
        principal,
        audience: isOwnPrincipal(principal) ? "internal" : "public",
      }),
    );

  /** Until the log does not grow while all fibers had their turns. */
  const quiet = Effect.gen(function* () {
    let last = -1;
    for (let calm = 0; calm < 30; ) {
      yield* Effect.yieldNow;
      const position = yield* Effect.orDie(store.lastPosition);
      calm = position === last ? calm + 1 : 0;
      last = position;
    }
  });

  const leaf: Leaf = {
    give,
    grant: (id, ...roles) =>
      roles.length === 0 ? Effect.void : Effect.asVoid(give("cim", "principal", id, "grant", { roles })),
    firstStart: (agents) => Effect.provideService(firstStart(agents), CommandHandling, handling),
    handle: (request) => Effect.result(handling.handle(request)),
    join: Effect.fnUntraced(function* (id, profile, behaviour) {
      behaviours.set(id, behaviour);
      const { capabilities = [] } = profile;
      yield* leaf.grant(
        id,
        ...rolesOfCapabilities.flatMap(([capability, role]) =>
          Array.isArray(capabilities) && capabilities.includes(capability) ? [role] : [],
        ),
      );
      yield* give(id, "agent", id, "register", profile);
      yield* give("presence", "agent", id, "record-presence", { status: "online" });
      yield* leaf.settle;
    }),
    settle: Effect.gen(function* () {
      for (;;) {
        yield* quiet;
        const waiting = [...inboxes].flatMap(([id, deliveries]) => {
          const delivery = deliveries.shift();
          return delivery === undefined ? [] : [{ id, delivery }];
        });
        if (waiting.length === 0) return;
        for (const { id, delivery } of waiting) yield* behaviours.get(id)?.(leaf, id, delivery) ?? Effect.void;
      }
    }),
    pass: Effect.fnUntraced(function* (seconds) {
      for (let second = 0; second < seconds; second++) {
        yield* TestClock.adjust("1 second");
        yield* leaf.settle;
      }
    }),
    events: (aggregate, id) =>
      store.read(aggregate, id).pipe(
        Effect.orDie,
        Effect.map((commits) =>
          commits.flatMap((commit) =>
            recordedEvents(
              contexts.find(({ name }) => name === aggregate),
              commit,
            ),
          ),
        ),
      ),
    commits: commitsIn(store.readAll(0)).pipe(Stream.runCollect, Effect.orDie),
    document: (view, id) =>
      readModels.upToDate(view).pipe(
        Effect.orDie,
        Effect.map((documents) => (documents.get(id) ?? {}) as Payload),
      ),
    ask: (view, operation, input) => Effect.map(queries.ask({ view, operation, input }), ({ data }) => data),
  };
  return leaf;
});

/** Runs a test in a leaf of its own; `more` are ports that an installation may have. */
export const inLeaf = (
  body: (leaf: Leaf) => Effect.Effect<void, CommandError, Scope.Scope>,
  more: Layer.Layer<never> = Layer.empty,
  artifacts: Layer.Layer<Artifacts> = memoryArtifactsLayer,
): Promise<void> => {
  const inboxes = new Map<string, Array<Delivery>>();
  const adapters = Layer.mergeAll(
    memoryEventStoreLayer,
    memorySnapshotsLayer,
    artifacts,
    memoryCheckpointsLayer,
    memoryLeasesLayer,
    memoryTimersLayer,
    memoryViewStoreLayer,
    memoryInboxLayer(inboxes),
    digestsLayer,
    textIndexesLayer,
    more,
  );
  const backend = Queries.layer(publishedViews, answers).pipe(
    Layer.provideMerge(CommandHandling.layer(contexts)),
    Layer.provideMerge(Authority.layer(openRoles)),
    Layer.provideMerge(ReadModels.layer(views, contexts)),
    Layer.provideMerge(PastViews.layer(views, contexts)),
    Layer.provideMerge(KnowledgeSpaces.layer),
    Layer.provideMerge(CheckedLog.layer(contexts)),
    Layer.provideMerge(adapters),
    Layer.provideMerge(TestClock.layer()),
  );
  return Effect.gen(function* () {
    for (const process of processes) yield* Effect.forkScoped(runProcessManager(process, contexts));
    yield* Effect.forkScoped(runTimers);
    yield* body(yield* makeLeaf(inboxes));
  }).pipe(Effect.scoped, Effect.provide(backend), Effect.runPromise);
};
