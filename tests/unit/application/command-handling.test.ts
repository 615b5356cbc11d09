import { describe, expect, test } from "@jest/globals";
import { Effect, Layer, Result } from "effect";
import fc from "fast-check";
import { aggregateOf } from "../../../src/application/aggregate.ts";
import { CheckedLog } from "../../../src/application/checked-log.ts";
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
import { everybodyMay } from "../../support/authority.ts";
import { counter } from "../../support/counter.ts";
import { fitting, inspectableSnapshots, plainDigests } from "../../support/memory.ts";

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
        Layer.provide(CheckedLog.layer(aggregates)),
        Layer.provide([Layer.succeed(EventStore, store), inspectableSnapshots(snapshots), plainDigests, everybodyMay]),
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
          "there is no counter `c1`: `open` it first, or check the id",
        );
        expect(refusal(yield* handle("open", {}, { id: "-" }))?.message).toMatch(
          /^`-` cannot be an id of counters: .*1-200 characters/,
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

describe("a snapshot", () => {
  test.each([
    ["beyond the end of the log", { position: 5_000, version: 4_999 }],
    ["with another last event than the log has there", { lastCid: "bagu" }],
  ])("%s is left alone", (_, change) =>
    inWorld(({ handle, other, snapshots }) =>
      Effect.gen(function* () {
        yield* handle("open");
        for (let n = 0; n < 600; n++) yield* handle("increase", { by: 1 });
        const taken = snapshots.get("counter.c1");
        if (taken === undefined) throw new Error("no snapshot was taken");
        snapshots.set("counter.c1", { ...taken, ...change, state: { open: true, total: 100_000 } });
        expect(reply(yield* other("increase", { by: 1 })).version).toBe(602);
      }),
    ),
  );
});

describe("a command id", () => {
  const used = { reason: "command-id-reused" };
  const increase = { commandId: "x" };

  test("of another principal is a command of its own, and hides nothing", () =>
    inWorld(({ handle, other, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        reply(yield* handle("increase", { by: 100 }, { ...increase, principal: "mallory" }));
        const own = reply(yield* handle("increase", { by: 1 }, increase));
        expect(own).toMatchObject({ version: 3, duplicate: false });
        reply(yield* handle("touch", {}, { ...increase, principal: "mallory-2" }));
        for (const backend of [handle, other])
          expect(reply(yield* backend("increase", { by: 1 }, increase))).toEqual({ ...own, duplicate: true });
        const commits = yield* store.read("counter", "c1").pipe(Effect.orDie);
        expect(commits.slice(1).map(({ actor, commandId }) => [actor, commandId])).toEqual([
          ["mallory", "x"],
          ["ada", "x"],
        ]);
      }),
    ));

  test("counts for one aggregate", () =>
    inWorld(({ handle }) =>
      Effect.gen(function* () {
        for (const id of ["c1", "c2"])
          expect(reply(yield* handle("open", {}, { ...increase, id }))).toMatchObject({ id, duplicate: false });
      }),
    ));

  const others: ReadonlyArray<readonly [what: string, Parameters<Handle>]> = [
    ["another payload", ["increase", { by: 2 }]],
    ["another command", ["touch"]],
    ["another command that the rules would refuse", ["open"]],
  ];
  test.each(others)("is refused to its principal for %s, also after a restart", (_, [command, payload]) =>
    inWorld(({ handle, other, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        yield* handle("increase", { by: 1 }, increase);
        for (const backend of [handle, other]) {
          const refused = refusal(yield* backend(command, payload, increase));
          expect(refused).toMatchObject({ code: "rejected", details: { ...used, command: "increase", position: 2 } });
          expect(refused?.message).toMatch(/^`ada` has used the command id `x` on counter `c1` before, for `increase`/);
        }
        expect(yield* store.lastPosition.pipe(Effect.orDie)).toBe(2);
      }),
    ),
  );

  test("is free as long as nothing was appended under it", () =>
    inWorld(({ handle }) =>
      Effect.gen(function* () {
        yield* handle("open");
        reply(yield* handle("touch", {}, increase));
        expect(refusal(yield* handle("open", {}, increase))?.details).toMatchObject({ reason: "already-open" });
        expect(reply(yield* handle("increase", { by: 1 }, increase)).duplicate).toBe(false);
      }),
    ));

  test("is known with its principal and payload from a snapshot too", () =>
    inWorld(({ handle, other, snapshots }) =>
      Effect.gen(function* () {
        yield* handle("open");
        const first = reply(yield* handle("increase", { by: 1 }, increase));
        for (let n = 0; n < 600; n++) yield* handle("increase", { by: 1 });
        expect(snapshots.get("counter.c1")?.handled).toMatchObject({ "ada x": 2 });
        expect(reply(yield* other("increase", { by: 1 }, increase))).toEqual({ ...first, duplicate: true });
        expect(refusal(yield* other("increase", { by: 2 }, increase))?.details).toMatchObject(used);
        expect(reply(yield* other("increase", { by: 2 }, { ...increase, principal: "bob" })).duplicate).toBe(false);
      }),
    ));

  test("of a commit without a payload digest, as older backends wrote them, goes by principal and command", () =>
    inWorld(({ handle, other, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        const [opened] = yield* store.read("counter", "c1").pipe(Effect.orDie);
        if (opened === undefined) throw new Error("nothing was opened");
        const { payloadDigest: _, position: __, ...old } = opened;
        const events = [{ type: "increased", schemaVersion: 2, data: { by: 1 }, cid: "c" }] as const;
        yield* store
          .append(fitting({ ...old, ...increase, command: "increase", events }, opened), 1)
          .pipe(Effect.orDie);
        expect(reply(yield* other("increase", { by: 7 }, increase))).toMatchObject({ version: 2, duplicate: true });
        expect(refusal(yield* other("touch", {}, increase))?.details).toMatchObject(used);
        const bob = { ...increase, principal: "bob" };
        expect(reply(yield* other("increase", { by: 7 }, bob))).toMatchObject({ version: 3, duplicate: false });
      }),
    ));

  test("goes with the value of a payload, not with how it is written", () =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        yield* handle("increase", JSON.parse('{ "by": 1 }'), increase);
        expect(reply(yield* handle("increase", JSON.parse('{"by":1.0}'), increase)).duplicate).toBe(true);
        const commits = yield* store.read("counter", "c1").pipe(Effect.orDie);
        expect(commits[1]?.payloadDigest).toMatch(/^sha256-[0-9a-f]{64}$/);
      }),
    ));
});

describe("the id of an internal command", () => {
  const timer = { commandId: "timer:t1", principal: "timers", audience: "internal" } as const;

  test("cannot be given from outside", () =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        expect(refusal(yield* handle("increase", { by: 1 }, { commandId: "internal:timer:t1" }))).toMatchObject({
          code: "invalid-command",
          details: [{ field: "Cim-Command-Id" }],
        });
        expect(yield* store.lastPosition.pipe(Effect.orDie)).toBe(1);
      }),
    ));

  test("is not taken by a principal that tells it in advance", () =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        yield* handle("open");
        reply(yield* handle("increase", { by: 1 }, { commandId: "timer:t1", principal: "mallory" }));
        expect(reply(yield* handle("reset", {}, timer)).duplicate).toBe(false);
        const last = (yield* store.read("counter", "c1").pipe(Effect.orDie)).at(-1);
        expect(last).toMatchObject({ command: "reset", commandId: "internal:timer:t1" });
        expect(last).not.toHaveProperty("payloadDigest");
      }),
    ));

  test("names it completely: done again with another payload, it is a repetition", () =>
    inWorld(({ handle, other }) =>
      Effect.gen(function* () {
        yield* handle("open");
        const first = reply(yield* handle("increase", { by: 1 }, timer));
        expect(reply(yield* other("increase", { by: 2 }, timer))).toEqual({ ...first, duplicate: true });
      }),
    ));

  test("is recognized in the form that an older backend wrote", () =>
    inWorld(({ handle, store }) =>
      Effect.gen(function* () {
        const event = { type: "opened", schemaVersion: 1, data: {}, cid: "c" };
        const { commandId, principal: actor } = timer;
        const [time, correlationId] = ["2026-01-01T00:00:00.000Z", "old"];
        const commit = { aggregate: "counter", id: "c1", firstVersion: 1, command: "open", commandId, actor, time };
        yield* store.append(fitting({ ...commit, correlationId, events: [event] }), 0).pipe(Effect.orDie);
        expect(reply(yield* handle("open", {}, timer))).toMatchObject({ version: 1, duplicate: true });
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
          fitting(
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
            opened,
          ),
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

/** What a principal does: commands under ids of few values, so that they collide with its own and with others'. */
const deeds = fc.array(
  fc.record({
    command: fc.constantFrom("increase", "touch", "open"),
    by: fc.integer({ min: 1, max: 2 }),
    commandId: fc.constantFrom("a", "timer:a", "internal:a"),
    backend: fc.boolean(),
  }),
  { maxLength: 8 },
);
type Deed = (typeof deeds extends fc.Arbitrary<infer D> ? D : never)[number];

const inside = new Set(["timers", "workflow"]);

test("each principal's commands have the answers and effects that they have alone, whoever uses its ids", async () => {
  /** Plays the deeds of these principals at once, each principal's in order. Returns answers and events of each. */
  const play = (given: ReadonlyArray<readonly [principal: string, deeds: ReadonlyArray<Deed>]>) =>
    inWorld(({ handle, other, store }) =>
      Effect.gen(function* () {
        yield* handle("open", {}, { principal: "owner" });
        const answers = yield* Effect.forEach(
          given,
          ([principal, all]) =>
            Effect.forEach(all, ({ command, by, commandId, backend }) =>
              (backend ? handle : other)(command, command === "increase" ? { by } : {}, {
                principal,
                commandId,
                audience: inside.has(principal) ? "internal" : "public",
              }).pipe(
                Effect.map((result) => {
                  if (Result.isSuccess(result)) return [result.success.events, result.success.duplicate];
                  const { code, details } = result.failure;
                  return [code, (details as { readonly reason?: string } | undefined)?.reason];
                }),
              ),
            ),
          { concurrency: "unbounded" },
        );
        const commits = yield* store.read("counter", "c1").pipe(Effect.orDie);
        return given.map(([principal], index) => ({
          answers: answers[index],
          effects: commits
            .filter(({ actor }) => actor === principal)
            .map(({ events }) => events.map(({ data }) => data)),
        }));
      }),
    );
  const principals = ["ada", "mallory", "timers", "workflow"] as const;
  await fc.assert(
    fc.asyncProperty(fc.tuple(deeds, deeds, deeds, deeds), async (all) => {
      const given = principals.map((principal, index) => [principal, all[index] ?? []] as const);
      const together = await play(given);
      for (const [index, each] of given.entries()) expect(together[index]).toEqual((await play([each]))[0]);
    }),
    { numRuns: 60 },
  );
});
