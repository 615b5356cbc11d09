import { describe, expect, test } from "@jest/globals";
import { Effect, Layer, Result } from "effect";
import fc from "fast-check";
import { aggregateOf } from "../../../src/application/aggregate.ts";
import type { CommandError } from "../../../src/application/command-error.ts";
import { CommandHandling } from "../../../src/application/command-handling.ts";
import type { CommandAccepted, CommandRequest } from "../../../src/application/command-request.ts";
import {
  AppendConflict,
  CommitRefused,
  EventStore,
  type EventStoreShape,
  type NewCommit,
  type Snapshot,
  StoreUnavailable,
} from "../../../src/application/ports/mod.ts";
import { memoryEventStoreLayer } from "../../../src/infrastructure/memory/event-store.ts";
import { counter } from "../../support/counter.ts";
import { inspectableSnapshots, plainDigests } from "../../support/memory.ts";

type Handle = (
  command: string,
  payload?: unknown,
  more?: Partial<CommandRequest>,
) => Effect.Effect<Result.Result<CommandAccepted, CommandError>>;

interface World {
  readonly handle: Handle;
  /** A second backend on the same store, with a cache of its own. */
  readonly other: Handle;
  readonly store: EventStoreShape;
  readonly snapshots: Map<string, Snapshot>;
}

interface Setup {
  readonly limit?: () => number;
  /** Puts something between the handling and the store. */
  readonly between?: (store: EventStoreShape) => EventStoreShape;
}

/** Runs a test with two backends on one store in memory. */
const inWorld = <A>(body: (world: World) => Effect.Effect<A>, { limit = () => 1_000_000, between }: Setup = {}) => {
  const snapshots = new Map<string, Snapshot>();
  const aggregates = [aggregateOf(counter, () => Effect.sync(() => ({ limit: limit() })))];
  const backend = (store: EventStoreShape) =>
    Layer.build(
      CommandHandling.layer(aggregates).pipe(
        Layer.provide([Layer.succeed(EventStore, store), inspectableSnapshots(snapshots), plainDigests]),
      ),
    ).pipe(
      Effect.map((context): Handle => {
        const handling = Layer.succeedContext(context);
        return (command, payload = {}, more = {}) =>
          CommandHandling.pipe(
            Effect.flatMap(({ handle }) =>
              handle({
                aggregate: "counter",
                id: "c1",
                command,
                payload,
                principal: "ada",
                audience: "public",
                ...more,
              }),
            ),
            Effect.result,
            Effect.provide(handling),
          );
      }),
    );
  return Effect.gen(function* () {
    const store = yield* EventStore;
    const seen = between?.(store) ?? store;
    return yield* body({ handle: yield* backend(seen), other: yield* backend(store), store, snapshots });
  }).pipe(Effect.provide(memoryEventStoreLayer), Effect.scoped, Effect.runPromise);
};

const refusal = (result: Result.Result<CommandAccepted, CommandError>) =>
  Result.isFailure(result) ? result.failure : undefined;
const reply = (result: Result.Result<CommandAccepted, CommandError>) => {
  if (Result.isFailure(result)) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.success;
};

describe("an accepted command", () => {
  test("is one commit, and its reply says what happened and where", () =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        expect(reply(yield* handle("open", {}, { commandId: "a" }))).toEqual({
          aggregate: "counter",
          id: "c1",
          version: 1,
          position: 1,
          commandId: "a",
          events: ["opened"],
          duplicate: false,
        });
        expect(reply(yield* handle("increase", { by: 2 }))).toMatchObject({ version: 2, position: 2 });
        const commits = yield* store.read("counter", "c1").pipe(Effect.orDie);
        expect(commits).toHaveLength(2);
        expect(commits[1]).toMatchObject({
          firstVersion: 2,
          command: "increase",
          actor: "ada",
          correlationId: expect.any(String),
        });
        expect(commits[1]?.previousCid).toBe(commits[0]?.events[0].cid);
      }),
    ));

  test("that changes nothing appends nothing", () =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        expect(reply(yield* handle("touch"))).toMatchObject({ events: [], version: 1, position: 1 });
        expect(yield* store.lastPosition.pipe(Effect.orDie)).toBe(1);
      }),
    ));
});

describe("a refused command appends nothing", () => {
  const cases: ReadonlyArray<readonly [what: string, code: string, Parameters<Handle>, reason?: string]> = [
    ["an aggregate that there is not", "unknown-command", ["open", {}, { aggregate: "counters" }]],
    ["a command that there is not", "unknown-command", ["opened"]],
    ["an object's own property as a command", "unknown-command", ["constructor"]],
    ["an internal command from outside", "unknown-command", ["reset"]],
    ["a bad id", "invalid-command", ["open", {}, { id: "-" }]],
    ["a wrong type", "invalid-command", ["increase", { by: "2" }]],
    ["an unknown field", "invalid-command", ["increase", { by: 2, to: 3 }]],
    ["no object", "invalid-command", ["increase", 7]],
    ["an aggregate that does not exist", "rejected", ["increase", { by: 1 }, { id: "c2" }], "not-found"],
    ["a rule", "rejected", ["open"], "already-open"],
    ["a stale version", "conflict", ["increase", { by: 1 }, { expectedVersion: 0 }]],
  ];
  test.each(cases)("%s is %s", (...[, code, given, reason]) =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        const error = refusal(yield* handle(...given));
        expect(error?.code).toBe(code);
        if (reason !== undefined) expect(error?.details).toMatchObject({ reason });
        expect(yield* store.lastPosition.pipe(Effect.orDie)).toBe(1);
      }),
    ),
  );

  test("and says what to do first, and what an id may be", () =>
    inWorld(({ handle }) =>
      Effect.gen(function* () {
        expect(refusal(yield* handle("touch"))?.message).toBe(
          "there is no counter `c1`: `open` it first, or look whether the id is right",
        );
        expect(refusal(yield* handle("open", {}, { id: "-" }))?.message).toMatch(
          /^`-` cannot be an id of counters: .*1-128 characters/,
        );
      }),
    ));

  test("and lists every field that is wrong", () =>
    inWorld(({ handle }) =>
      Effect.gen(function* () {
        yield* handle("open");
        const error = refusal(yield* handle("increase", { by: "2", other: 1 }));
        expect(error?.details).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ field: "by" }),
            expect.objectContaining({ field: "other" }),
          ]),
        );
      }),
    ));
});

describe("what another backend appended meanwhile", () => {
  test("counts in a refusal: it is decided on what the log says, not on what a cache remembers", () =>
    inWorld(
      ({ handle, other }) =>
        Effect.gen(function* () {
          yield* handle("open");
          reply(yield* handle("increase", { by: 10 }));
          reply(yield* other("reset", {}, { audience: "internal" }));
          expect(reply(yield* handle("increase", { by: 10 }))).toMatchObject({ version: 4 });
        }),
      { limit: () => 10 },
    ));

  test("counts in an expected version, and for an aggregate that was not there", () =>
    inWorld(({ handle, other }) =>
      Effect.gen(function* () {
        expect(refusal(yield* handle("touch"))?.details).toMatchObject({ reason: "not-found" });
        reply(yield* other("open"));
        reply(yield* other("increase", { by: 1 }));
        expect(reply(yield* handle("touch"))).toMatchObject({ version: 2, position: 2 });
        reply(yield* other("increase", { by: 1 }));
        expect(reply(yield* handle("increase", { by: 1 }, { expectedVersion: 3 }))).toMatchObject({ version: 4 });
      }),
    ));
});

describe("a repeated command id", () => {
  test("gets the first reply again, also from a backend that has just started, and changes nothing", () =>
    inWorld(({ handle, other, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        const first = reply(yield* handle("increase", { by: 5 }, { commandId: "x" }));
        for (let n = 0; n < 20; n++) yield* handle("increase", { by: 1 });
        const again = { ...first, duplicate: true };
        expect(reply(yield* handle("increase", { by: 5 }, { commandId: "x" }))).toEqual(again);
        expect(reply(yield* other("increase", { by: 5 }, { commandId: "x" }))).toEqual(again);
        expect(yield* store.lastPosition.pipe(Effect.orDie)).toBe(22);
      }),
    ));

  test("is answered although the rules would refuse the command by now", () => {
    let limit = 10;
    return inWorld(
      ({ handle }) =>
        Effect.gen(function* () {
          yield* handle("open");
          yield* handle("increase", { by: 10 }, { commandId: "x" });
          limit = 0;
          expect(reply(yield* handle("increase", { by: 10 }, { commandId: "x" })).duplicate).toBe(true);
        }),
      { limit: () => limit },
    );
  });

  test("is known from a snapshot too", () =>
    inWorld(({ handle, other, snapshots }) =>
      Effect.gen(function* () {
        yield* handle("open", {}, { commandId: "first" });
        for (let n = 0; n < 600; n++) yield* handle("increase", { by: 1 });
        expect(snapshots.get("counter.c1")).toMatchObject({ version: 500, state: { open: true, total: 499 } });
        expect(reply(yield* other("open", {}, { commandId: "first" }))).toMatchObject({ version: 1, duplicate: true });
        expect(reply(yield* other("increase", { by: 1 })).version).toBe(602);
      }),
    ));
});

test("the time of a commit is the clock's, in UTC, and never goes back within an aggregate", () =>
  inWorld(({ handle, store }) =>
    Effect.gen(function* () {
      yield* handle("open");
      yield* handle("increase", { by: 1 });
      const times = (yield* store.read("counter", "c1").pipe(Effect.orDie)).map(({ time }) => time);
      expect(times).toEqual(times.map(() => expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)));
      expect([...times].sort()).toEqual(times);
    }),
  ));

describe("when the store misbehaves", () => {
  test("a lost acknowledgement is found in the log: nothing is written twice", () => {
    let lost = 0;
    return inWorld(
      ({ handle, store }) =>
        Effect.gen(function* () {
          yield* handle("open");
          expect(reply(yield* handle("increase", { by: 1 }, { commandId: "x" }))).toMatchObject({ version: 2 });
          expect(lost).toBe(2);
          expect(yield* store.lastPosition.pipe(Effect.orDie)).toBe(2);
        }),
      {
        between: (store) => ({
          ...store,
          append: (commit: NewCommit, expected: number) =>
            store.append(commit, expected).pipe(
              Effect.tap(() => Effect.sync(() => (lost += 1))),
              Effect.andThen(new StoreUnavailable({ message: "no acknowledgement" })),
            ),
        }),
      },
    );
  });

  test("others who were faster do not make it fail", () => {
    let conflicts = 3;
    return inWorld(
      ({ handle }) =>
        Effect.gen(function* () {
          yield* handle("open");
          expect(conflicts).toBe(0);
        }),
      {
        between: (store) => ({
          ...store,
          append: (commit: NewCommit, expectedPosition: number) =>
            conflicts-- > 0
              ? Effect.fail(new AppendConflict({ aggregate: commit.aggregate, id: commit.id, expectedPosition }))
              : store.append(commit, expectedPosition).pipe(Effect.tap(() => Effect.sync(() => (conflicts = 0)))),
        }),
      },
    );
  });

  test("a commit that is too large is a refusal that says so", () =>
    inWorld(
      ({ handle }) =>
        Effect.gen(function* () {
          expect(refusal(yield* handle("open"))).toMatchObject({ code: "rejected", details: { reason: "too-large" } });
        }),
      { between: (store) => ({ ...store, append: () => Effect.fail(new CommitRefused({ message: "9 MB" })) }) },
    ));
});

test("events of an older schema version are upcast", () =>
  inWorld(({ handle, store }) =>
    Effect.gen(function* () {
      yield* handle("open");
      const opened = (yield* store.read("counter", "c1").pipe(Effect.orDie))[0];
      yield* store
        .append(
          {
            aggregate: "counter",
            id: "c1",
            firstVersion: 2,
            command: "increase",
            commandId: "old",
            actor: "ada",
            time: opened?.time ?? "",
            correlationId: "old",
            events: [{ type: "increased", schemaVersion: 1, data: { by: "999990" }, cid: "c" }],
          },
          1,
        )
        .pipe(Effect.orDie);
      // The limit is a million: that the old event counts shows in the refusal.
      expect(refusal(yield* handle("increase", { by: 11 }))?.details).toMatchObject({ total: 999_990 });
      expect(reply(yield* handle("increase", { by: 10 })).version).toBe(3);
    }),
  ));

test("any interleaving of two backends applies each command id exactly once and loses none", async () => {
  const commands = fc.array(fc.record({ id: fc.integer({ min: 0, max: 9 }), backend: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(commands, (given) =>
      inWorld(({ handle, other, store }) =>
        Effect.gen(function* () {
          yield* handle("open");
          const replies = yield* Effect.forEach(
            given,
            ({ id, backend }) =>
              (backend ? handle : other)("increase", { by: 10 ** 0 }, { commandId: `command-${id}` }),
            { concurrency: "unbounded" },
          );
          const distinct = new Set(given.map(({ id }) => id));
          expect(replies.filter((each) => !reply(each).duplicate)).toHaveLength(distinct.size);
          const commits = yield* store.read("counter", "c1").pipe(Effect.orDie);
          expect(commits.map((commit) => commit.firstVersion)).toEqual(commits.map((_, index) => index + 1));
          expect(new Set(commits.slice(1).map((commit) => commit.commandId)).size).toBe(distinct.size);
        }),
      ),
    ),
    { numRuns: 50 },
  );
});
