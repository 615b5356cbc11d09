import { Effect, Exit, Layer, References, Scope } from "effect";
import { TestClock } from "effect/testing";
import { type Aggregate, aggregateOf } from "../../../src/application/aggregate.ts";
import { CheckedLog } from "../../../src/application/checked-log.ts";
import type { CommandError } from "../../../src/application/command-error.ts";
import { CommandHandling } from "../../../src/application/command-handling.ts";
import type { CommandAccepted } from "../../../src/application/command-request.ts";
import { newCommit } from "../../../src/application/new-commit.ts";
import { type Commit, Digests, EventStore } from "../../../src/application/ports/mod.ts";
import {
  MemoryLog,
  memoryCheckpointsLayer,
  memoryEventStoreOn,
  memorySnapshotsLayer,
} from "../../../src/infrastructure/memory/event-store.ts";
import {
  memoryInboxLayer,
  memoryLeasesLayer,
  memoryTimersLayer,
} from "../../../src/infrastructure/memory/messaging.ts";
import { memoryViewStoreLayer } from "../../../src/infrastructure/memory/storage.ts";
import { everybodyMay } from "../../support/authority.ts";
import { counter } from "../../support/counter.ts";
import { plainDigests } from "../../support/memory.ts";

/** Counters without a limit: the only aggregate of these tests. */
export const counters: ReadonlyArray<Aggregate> = [
  aggregateOf(counter, () => Effect.succeed({ limit: Number.MAX_SAFE_INTEGER })),
];

/** The ports that several backends share, and the handling of commands. */
const leaf = (aggregates: ReadonlyArray<Aggregate>, log: MemoryLog) =>
  CommandHandling.layer(aggregates).pipe(
    Layer.provideMerge(CheckedLog.layer(aggregates)),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.sync(EventStore, () => memoryEventStoreOn(log)),
        memorySnapshotsLayer,
        memoryViewStoreLayer,
        memoryCheckpointsLayer,
        memoryLeasesLayer,
        memoryTimersLayer,
        memoryInboxLayer(),
        plainDigests,
        everybodyMay,
      ),
    ),
  );

/** What a test finds on a leaf. */
export type LeafServices = Layer.Success<ReturnType<typeof leaf>> | Scope.Scope;

/** Runs a test on a leaf in memory whose clock stands still until the test moves it. Others may write to `log`. */
export const onLeaf = <A, E>(
  test: Effect.Effect<A, E, LeafServices>,
  aggregates: ReadonlyArray<Aggregate> = counters,
  log = new MemoryLog(),
): Promise<A> =>
  test.pipe(
    Effect.provide(leaf(aggregates, log)),
    Effect.scoped,
    Effect.provide([TestClock.layer(), Layer.succeed(References.MinimumLogLevel, "None")]),
    Effect.runPromise,
  );

/** Gives a command, as the operator of the test if nobody else is named. */
export const give = Effect.fnUntraced(function* (
  aggregate: string,
  id: string,
  command: string,
  payload: unknown = {},
  principal = "ada",
): Effect.fn.Return<CommandAccepted, CommandError, CommandHandling> {
  const { handle } = yield* CommandHandling;
  return yield* handle({ aggregate, id, command, payload, principal, audience: "internal" });
});

/** Opens a counter, where it is not yet, and adds to it. */
export const increase = Effect.fnUntraced(function* (id: string, by: number) {
  yield* Effect.ignore(give("counter", id, "open"));
  return yield* give("counter", id, "increase", { by });
});

/** Appends one commit of several `increased` events, which no command of a counter makes. */
export const commitOf = Effect.fnUntraced(function* (id: string, amounts: ReadonlyArray<number>) {
  const store = yield* EventStore;
  const last = (yield* store.read("counter", id)).at(-1);
  const version = last === undefined ? 0 : last.firstVersion + last.events.length - 1;
  const [first, ...rest] = amounts.map((by) => ({ type: "increased", schemaVersion: 2, data: { by } }));
  if (first === undefined) return last?.position ?? 0;
  const commit = Effect.runSync(
    newCommit(
      {
        aggregate: "counter",
        id,
        command: "increase",
        commandId: crypto.randomUUID(),
        payload: {},
        principal: "ada",
        audience: "internal",
        time: last?.time ?? "2026-01-01T00:00:00.000Z",
        correlationId: "test",
      },
      { version, lastCid: last?.events.at(-1)?.cid },
      [first, ...rest],
      yield* Digests,
    ),
  );
  return yield* store.append(commit, last?.position ?? 0);
});

/** The commits of one counter. */
export const commitsOf = (id: string): Effect.Effect<ReadonlyArray<Commit>, never, EventStore> =>
  Effect.flatMap(EventStore, (store) => Effect.orDie(store.read("counter", id)));

/** Something that runs in a backend of its own, which can be killed at any point. */
export const inBackend = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R | Scope.Scope>) {
  const scope = yield* Scope.make();
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void));
  const running = yield* Effect.provideService(work, Scope.Scope, scope);
  return { running, kill: Scope.close(scope, Exit.void) };
});

/** Lets everything happen that can happen within two seconds, and that needs its turns to be done. */
export const settle = Effect.andThen(TestClock.adjust("2 seconds"), Effect.repeat(Effect.yieldNow, { times: 300 }));
