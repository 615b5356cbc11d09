import { describe, expect, test } from "@jest/globals";
import { Clock, Deferred, Effect } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import type { Action } from "../../../src/application/action.ts";
import { CommandError } from "../../../src/application/command-error.ts";
import { CommandHandling } from "../../../src/application/command-handling.ts";
import { runTimers } from "../../../src/application/fired-timers.ts";
import { Checkpoints, Inbox, Leases, StoreUnavailable, Timers } from "../../../src/application/ports/mod.ts";
import { type ProcessManager, runProcessManager } from "../../../src/application/process-manager.ts";
import type { RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { commitOf, commitsOf, counters, give, inBackend, increase, onLeaf, settle } from "./memory-leaf.ts";

const by = (event: RecordedEvent) => (event.data as { readonly by: number }).by;

const add = (step: string, amount: number): Action => ({
  kind: "command",
  step,
  aggregate: "counter",
  id: "sum",
  command: "increase",
  payload: { by: amount },
});

/** Adds to the counter `sum` whatever any other counter grew by, and says how many it has seen. */
const summing = (react: (seen: number, event: RecordedEvent) => ReadonlyArray<Action>): ProcessManager<number> => ({
  name: "summing",
  aggregates: ["counter"],
  initial: 0,
  evolve: (seen, event) => (event.id !== "sum" && event.type === "increased" ? seen + 1 : seen),
  react: (seen, event) => (event.id !== "sum" && event.type === "increased" ? react(seen, event) : []),
});

const sums = summing((_, event) => [add("add", by(event))]);

const running = <R>(manager: ProcessManager<number, R>) =>
  inBackend(Effect.forkScoped(runProcessManager(manager, counters)));

/** The command ids and amounts that `sum` has taken, without the one that opened it. */
const taken = Effect.map(commitsOf("sum"), (commits) =>
  commits.slice(1).map(({ commandId, events }) => [commandId, (events[0].data as { readonly by: number }).by] as const),
);

describe("actions", () => {
  test("happen once for each event, in order, under a command id made of event, manager and step", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        yield* running(summing((seen, event) => [add("first", by(event)), add("second", seen * 100)]));
        yield* commitOf("a", [1, 2]);
        yield* commitOf("b", [3]);
        yield* settle;
        expect(yield* taken).toEqual([
          ["internal:counter.a.1:summing:first", 1],
          ["internal:counter.a.1:summing:second", 100],
          ["internal:counter.a.2:summing:first", 2],
          ["internal:counter.a.2:summing:second", 200],
          ["internal:counter.b.1:summing:first", 3],
          ["internal:counter.b.1:summing:second", 300],
        ]);
        expect((yield* commitsOf("sum"))[1]).toMatchObject({
          actor: "summing",
          causationId: "counter.a.1",
          correlationId: "test",
        });
      }),
    ));

  test("of events before the checkpoint do not happen again, but the state knows them", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const counts = summing((seen) => [add("count", seen)]);
        const first = yield* running(counts);
        yield* increase("a", 1);
        yield* settle;
        yield* first.kill;
        const asked: Array<string | undefined> = [];
        const { handle } = yield* CommandHandling;
        yield* Effect.provideService(running(counts), CommandHandling, {
          handle: (request) =>
            Effect.andThen(
              Effect.sync(() => asked.push(request.commandId)),
              handle(request),
            ),
        });
        yield* increase("a", 1);
        yield* settle;
        expect(asked).toEqual(["counter.a.3:summing:count"]);
        expect((yield* taken).at(-1)).toEqual(["internal:counter.a.3:summing:count", 2]);
      }),
    ));

  test("go on after a command that is refused", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* running(sums);
        yield* increase("a", 1);
        yield* settle;
        yield* give("counter", "sum", "open");
        yield* increase("a", 2);
        yield* settle;
        expect(yield* taken).toEqual([["internal:counter.a.3:summing:add", 2]]);
      }),
    ));

  test.each(["unavailable", "timeout"] as const)("are tried again while commands are `%s`", (code) =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { handle } = yield* CommandHandling;
        let failures = 3;
        yield* Effect.provideService(running(sums), CommandHandling, {
          handle: (request) =>
            failures-- > 0 ? Effect.fail(new CommandError({ code, message: "not now" })) : handle(request),
        });
        yield* increase("a", 7);
        yield* settle;
        expect(yield* taken).toEqual([["internal:counter.a.2:summing:add", 7]]);
      }),
    ),
  );

  test("can be operations, which are repeated until they succeed and answer with actions", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        let failures = 2;
        const manager: ProcessManager<number> = {
          ...summing((_, event) => [{ kind: "operation", operation: "double", input: by(event) }]),
          operations: {
            double: (input) =>
              failures-- > 0
                ? Effect.fail(new StoreUnavailable({ message: "not now" }))
                : Effect.succeed([add("doubled", 2 * Number(input))]),
          },
        };
        yield* running(manager);
        yield* increase("a", 21);
        yield* settle;
        expect(yield* taken).toEqual([["internal:counter.a.2:summing:doubled", 42]]);
      }),
    ));

  test("can be deliveries and inboxes", () =>
    onLeaf(
      Effect.gen(function* () {
        const heard: Array<unknown> = [];
        const note = (...what: ReadonlyArray<unknown>) => Effect.sync(() => void heard.push(what));
        yield* Effect.provideService(
          running(
            summing((_, { eventId }) => [
              { kind: "open-inbox", agent: "bob" },
              { kind: "deliver", agent: "bob", channel: "task", deliveryId: eventId, message: { hello: 1 } },
              { kind: "keep-inbox", agent: "bob" },
            ]),
          ),
          Inbox,
          {
            open: (agent) => note("open", agent),
            deliver: (...delivery) => note("deliver", ...delivery),
            keep: (agent) => note("keep", agent),
            owners: Effect.succeed(new Set<string>()),
            progress: {
              resume: Effect.succeed(undefined),
              startOver: Effect.void,
              save: () => Effect.succeed(0),
              lost: Effect.never,
              forget: Effect.void,
            },
          },
        );
        yield* increase("a", 1);
        yield* settle;
        expect(heard).toEqual([
          ["open", "bob"],
          ["deliver", "bob", "task", "counter.a.2", { hello: 1 }],
          ["keep", "bob"],
        ]);
      }),
    ));
});

test("commits of nothing but what a manager ignores are not shown to it", () =>
  onLeaf(
    Effect.gen(function* () {
      const seen: Array<string> = [];
      const all: ProcessManager<number> = {
        ...summing(() => []),
        ignores: ["counter.increased"],
        evolve: (state, { eventId }) => {
          seen.push(eventId);
          return state;
        },
      };
      yield* running(all);
      yield* increase("a", 1);
      yield* give("counter", "b", "open");
      yield* settle;
      expect(seen).toEqual(["counter.a.1", "counter.b.1"]);
    }),
  ));

describe("a checkpoint beyond the end of the log", () => {
  test("makes the manager start over: nothing is passed by", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        yield* increase("a", 1);
        const checkpoints = yield* Checkpoints;
        yield* checkpoints.save("summing", 999);
        yield* running(sums);
        yield* TestClock.adjust("3 seconds");
        yield* settle;
        yield* increase("a", 2);
        yield* settle;
        expect(yield* taken).toEqual([
          ["internal:counter.a.2:summing:add", 1],
          ["internal:counter.a.3:summing:add", 2],
        ]);
        expect(yield* checkpoints.load("summing")).toBeLessThan(999);
      }),
    ));

  test("is that of the deliveries: they go on from the checkpoint beside it", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* increase("a", 1);
        const { position } = yield* increase("a", 2);
        const { load, save } = yield* Checkpoints;
        yield* save("summing", position - 1);
        const delivered: Array<string> = [];
        let progress: number | undefined = 999;
        const manager = summing((_, { eventId }) => [
          { kind: "deliver", agent: "bob", channel: "task", deliveryId: eventId, message: {} },
        ]);
        yield* Effect.provideService(running({ ...manager, delivers: true }), Inbox, {
          open: () => Effect.void,
          keep: () => Effect.void,
          deliver: (_agent, _channel, id) => Effect.sync(() => void delivered.push(id)),
          owners: Effect.succeed(new Set<string>()),
          progress: {
            resume: Effect.sync(() => progress),
            startOver: Effect.sync(() => {
              progress = undefined;
            }),
            save: (saved) => Effect.sync(() => (progress = saved)),
            lost: Effect.never,
            forget: Effect.void,
          },
        });
        yield* TestClock.adjust("3 seconds");
        yield* settle;
        expect(delivered).toEqual(["counter.a.3"]);
        expect(progress).toBe(position);
        expect(yield* load("summing")).toBe(position);
      }),
    ));
});

describe("progress kept with deliveries", () => {
  test("is where a manager that delivers goes on, also after the inbox has lost some", () =>
    onLeaf(
      Effect.gen(function* () {
        const delivered: Array<string> = [];
        const saved: Array<number> = [];
        let kept: number | undefined;
        let settled = 0;
        let lost = Deferred.makeUnsafe<never, StoreUnavailable>();
        const manager = summing((_, { eventId }) => [
          { kind: "deliver", agent: "bob", channel: "task", deliveryId: eventId, message: {} },
        ]);
        yield* Effect.provideService(running({ ...manager, delivers: true }), Inbox, {
          open: () => Effect.void,
          keep: () => Effect.void,
          deliver: (_agent, _channel, id) => Effect.sync(() => void delivered.push(id)),
          owners: Effect.succeed(new Set<string>()),
          progress: {
            resume: Effect.sync(() => kept),
            startOver: Effect.void,
            save: (position) => Effect.sync(() => saved.push(position) && settled),
            lost: Effect.suspend(() => Deferred.await(lost)),
            forget: Effect.void,
          },
        });
        yield* increase("a", 1);
        yield* increase("a", 2);
        yield* settle;
        expect(delivered).toEqual(["counter.a.2", "counter.a.3"]);
        const [newest] = (yield* commitsOf("a")).slice(-1).map(({ position }) => position);
        expect(saved.at(-1)).toBe(newest);
        kept = (newest ?? 0) - 1;
        const before = lost;
        lost = Deferred.makeUnsafe();
        yield* Deferred.fail(before, new StoreUnavailable({ message: "gone" }));
        yield* settle;
        yield* settle;
        expect(delivered).toEqual(["counter.a.2", "counter.a.3", "counter.a.3"]);
        // Where the inbox has nothing of it any more, what is settled is not delivered again.
        settled = newest ?? 0;
        yield* increase("a", 3);
        yield* settle;
        kept = undefined;
        yield* Deferred.fail(lost, new StoreUnavailable({ message: "emptied" }));
        lost = Deferred.makeUnsafe();
        yield* settle;
        yield* settle;
        expect(delivered.slice(3)).toEqual(["counter.a.4", "counter.a.4"]);
      }),
    ));
});

describe("a log that was restored, without any progress", () => {
  test("is not delivered again, except what still matters and what has just happened", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* increase("a", 1);
        yield* increase("a", 2);
        yield* TestClock.adjust("2 minutes");
        const { position } = yield* increase("a", 3);
        const did: Array<string> = [];
        const saved: Array<number> = [];
        const manager: ProcessManager<number> = {
          ...summing((_, { eventId }) => [
            { kind: "deliver", agent: "bob", channel: "task", deliveryId: eventId, message: {} },
          ]),
          delivers: true,
          stillMatters: (_, { deliveryId }) => (deliveryId === "counter.a.2" ? deliveryId : undefined),
        };
        yield* Effect.provideService(running(manager), Inbox, {
          open: () => Effect.void,
          keep: () => Effect.void,
          deliver: (_agent, _channel, id) => Effect.sync(() => void did.push(id)),
          owners: Effect.succeed(new Set<string>()),
          progress: {
            resume: Effect.succeed(saved.at(-1)),
            startOver: Effect.void,
            save: (reached) => Effect.sync(() => saved.push(reached) && reached),
            lost: Effect.never,
            forget: Effect.void,
          },
        });
        yield* settle;
        yield* settle;
        expect([did, saved]).toEqual([["counter.a.2", "counter.a.4"], [position]]);
        yield* increase("a", 4);
        yield* settle;
        expect(did.slice(2)).toEqual(["counter.a.5"]);
      }),
    ));
});

describe("two backends", () => {
  test("share a process manager: one acts, and when it is gone the other goes on", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { handle } = yield* CommandHandling;
        const actors: Array<string> = [];
        const named = (name: string) =>
          Effect.provideService(running(sums), CommandHandling, {
            handle: (request) =>
              Effect.andThen(
                Effect.sync(() => actors.push(name)),
                handle(request),
              ),
          });
        const first = yield* named("first");
        yield* named("second");
        yield* increase("a", 1);
        yield* settle;
        yield* first.kill;
        yield* increase("a", 2);
        yield* settle;
        expect(actors).toEqual(["first", "second"]);
        expect((yield* taken).map(([, amount]) => amount)).toEqual([1, 2]);
      }),
    ));

  test("that both believe to hold the lease do nothing twice", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { handle } = yield* CommandHandling;
        const stalled = yield* Effect.provideService(running(sums), CommandHandling, {
          handle: (request) => Effect.andThen(Effect.sleep("1 second"), handle(request)),
        });
        yield* increase("a", 1);
        yield* settle;
        yield* stalled.kill;
        yield* Effect.provideService(running(sums), Checkpoints, {
          load: () => Effect.succeed(0),
          save: () => Effect.void,
          startOver: () => Effect.void,
        });
        yield* settle;
        expect(yield* taken).toEqual([["internal:counter.a.2:summing:add", 1]]);
      }),
    ));
});

const round = fc.record({
  commits: fc.array(
    fc.tuple(fc.constantFrom("a", "b"), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 })),
    { maxLength: 4 },
  ),
  /** Commands and checkpoints that get through before the backend dies. */
  commands: fc.nat(6),
  checkpoints: fc.nat(4),
});

test("after any crashes, also between an action and its checkpoint, everything has happened once and in order", () =>
  fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 5 }), (rounds) =>
      onLeaf(
        Effect.gen(function* () {
          yield* give("counter", "sum", "open");
          const { handle } = yield* CommandHandling;
          const checkpoints = yield* Checkpoints;
          const expected: Array<number> = [];
          for (const { commits, commands, checkpoints: saves } of rounds) {
            const left = { commands, saves };
            const dying = yield* running(sums).pipe(
              Effect.provideService(CommandHandling, {
                handle: (request) => (left.commands-- > 0 ? handle(request) : Effect.never),
              }),
              Effect.provideService(Checkpoints, {
                ...checkpoints,
                save: (...saved) => (left.saves-- > 0 ? checkpoints.save(...saved) : Effect.never),
              }),
            );
            for (const [id, amounts] of commits) {
              yield* commitOf(id, amounts);
              expected.push(...amounts);
            }
            yield* settle;
            yield* dying.kill;
          }
          yield* running(sums);
          yield* settle;
          expect((yield* taken).map(([, amount]) => amount)).toEqual(expected);
        }),
      ),
    ),
    { numRuns: 100 },
  ));

/** Leases whose holder loses them when the test says so, and gets them again. */
const endingTerms = () => {
  let end = Deferred.makeUnsafe<void>();
  return {
    leases: Leases.of({
      whileHeld: (_, work) =>
        Effect.forever(
          Effect.raceFirst(
            Effect.ignore(work),
            Effect.suspend(() => Deferred.await(end)),
          ),
        ),
    }),
    endTerm: Effect.sync(() => {
      const ended = end;
      end = Deferred.makeUnsafe();
      Deferred.doneUnsafe(ended, Effect.void);
    }),
  };
};

describe("a backend that loses its lease and gets it again", () => {
  test("goes on from its newest checkpoint: it does not read again what lies before", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { leases, endTerm } = endingTerms();
        const seen: Array<string> = [];
        const counting: ProcessManager<number> = {
          ...summing((count) => [add("count", count)]),
          evolve: (count, event) => {
            if (event.id === "sum" || event.type !== "increased") return count;
            seen.push(event.eventId);
            return count + 1;
          },
        };
        yield* Effect.provideService(running(counting), Leases, leases);
        yield* increase("a", 1);
        yield* settle;
        yield* endTerm;
        yield* increase("b", 1);
        yield* settle;
        expect(seen).toEqual(["counter.a.2", "counter.b.2"]);
        expect((yield* taken).map(([, amount]) => amount)).toEqual([1, 2]);
      }),
    ));

  test("has done everything once and in order, wherever its terms end, also if its checkpoint was set back", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ round, setBack: fc.boolean() }), { minLength: 1, maxLength: 5 }),
        (rounds) =>
          onLeaf(
            Effect.gen(function* () {
              yield* give("counter", "sum", "open");
              const { leases, endTerm } = endingTerms();
              const { handle } = yield* CommandHandling;
              const checkpoints = yield* Checkpoints;
              let left = { commands: 0, saves: 0 };
              yield* running(sums).pipe(
                Effect.provideService(Leases, leases),
                Effect.provideService(CommandHandling, {
                  handle: (request) => (left.commands-- > 0 ? handle(request) : Effect.never),
                }),
                Effect.provideService(Checkpoints, {
                  ...checkpoints,
                  save: (...saved) => (left.saves-- > 0 ? checkpoints.save(...saved) : Effect.never),
                }),
              );
              const expected: Array<number> = [];
              for (const { round: one, setBack } of rounds) {
                left = { commands: one.commands, saves: one.checkpoints };
                for (const [id, amounts] of one.commits) {
                  yield* commitOf(id, amounts);
                  expected.push(...amounts);
                }
                yield* settle;
                if (setBack) yield* checkpoints.save(sums.name, 0);
                yield* endTerm;
              }
              left = { commands: Number.POSITIVE_INFINITY, saves: Number.POSITIVE_INFINITY };
              yield* settle;
              expect((yield* taken).map(([, amount]) => amount)).toEqual(expected);
            }),
          ),
      ),
      { numRuns: 100 },
    ));
});

describe("timers", () => {
  const alarm = summing((seen, event) => [
    {
      kind: "schedule",
      timerId: `alarm-${seen}`,
      at: "1970-01-01T00:00:10.000Z",
      command: { aggregate: "counter", id: "sum", command: "increase", payload: { by: by(event) } },
    },
  ]);
  const withTimers = inBackend(Effect.forkScoped(runTimers));

  test("give their command when it is time, once, whoever runs them", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        yield* running(alarm);
        const first = yield* withTimers;
        yield* withTimers;
        const { commandId } = yield* increase("a", 5);
        yield* settle;
        expect(yield* taken).toEqual([]);
        yield* first.kill;
        for (let times = 0; times < 5; times++) yield* settle;
        expect(yield* taken).toEqual([["internal:timer:alarm-1", 5]]);
        expect((yield* commitsOf("sum"))[1]).toMatchObject({ actor: "timers", correlationId: commandId });
      }),
    ));

  test("that are cancelled give nothing", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const manager = summing((seen, event) =>
          seen === 1 ? alarm.react(seen, event) : [{ kind: "cancel-timer", timerId: "alarm-1" }],
        );
        yield* running(manager);
        yield* withTimers;
        yield* commitOf("a", [5, 6]);
        for (let times = 0; times < 6; times++) yield* settle;
        expect(yield* taken).toEqual([]);
      }),
    ));

  test("are tried again while the log is `unavailable`, and handed over twice change nothing", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { handle } = yield* CommandHandling;
        let failures = 2;
        yield* Effect.provideService(withTimers, CommandHandling, {
          handle: (request) =>
            Effect.suspend(() =>
              failures-- > 0
                ? Effect.fail(new CommandError({ code: "unavailable", message: "not now" }))
                : handle(request),
            ),
        });
        const { schedule } = yield* Timers;
        const command = {
          aggregate: "counter",
          id: "sum",
          command: "increase",
          payload: { by: 5 },
          correlationId: "c",
        };
        yield* schedule("late", "1970-01-01T00:00:00.000Z", command);
        yield* settle;
        yield* schedule("late", "1970-01-01T00:00:00.000Z", command);
        yield* settle;
        expect(yield* taken).toEqual([["internal:timer:late", 5]]);
      }),
    ));

  test("whose command comes too early give it again, not before the moment that it names", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { handle } = yield* CommandHandling;
        const until = "1970-01-01T00:00:05.000Z";
        const details = { reason: "too-early", until };
        const asked: Array<number> = [];
        yield* Effect.provideService(withTimers, CommandHandling, {
          handle: (request) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => {
              asked.push(now);
              return now > Date.parse(until)
                ? handle(request)
                : Effect.fail(new CommandError({ code: "rejected", message: "voting is open", details }));
            }),
        });
        const { schedule } = yield* Timers;
        const command = {
          aggregate: "counter",
          id: "sum",
          command: "increase",
          payload: { by: 5 },
          correlationId: "c",
        };
        yield* schedule("early", "1970-01-01T00:00:01.000Z", command);
        for (let times = 0; times < 6; times++) yield* settle;
        expect(asked).toHaveLength(2);
        expect(asked[1]).toBeGreaterThan(Date.parse(until));
        expect(yield* taken).toEqual([["internal:timer:early", 5]]);
      }),
    ));
});

describe("what the server has lost", () => {
  const alarmAt = (seen: number, at: string): Action => ({
    kind: "schedule",
    timerId: `alarm-${seen}`,
    at,
    command: { aggregate: "counter", id: "sum", command: "increase", payload: { by: seen } },
  });

  test("are timers: those that were not cancelled are set again, once", () =>
    onLeaf(
      Effect.gen(function* () {
        const set: Array<string> = [];
        let armed = true;
        let lost = Deferred.makeUnsafe<never, StoreUnavailable>();
        const timers: Timers["Service"] = {
          ...(yield* Timers),
          schedule: (timerId) => Effect.sync(() => void set.push(timerId)),
          cancel: () => Effect.void,
          isArmed: () => Effect.sync(() => armed),
          arm: () =>
            Effect.sync(() => {
              armed = true;
            }),
          lost: Effect.suspend(() => Deferred.await(lost)),
        };
        const manager = summing((seen) =>
          seen === 3 ? [{ kind: "cancel-timer", timerId: "alarm-1" }] : [alarmAt(seen, "2100-01-01T00:00:00.000Z")],
        );
        yield* Effect.provideService(running(manager), Timers, timers);
        yield* commitOf("a", [1, 2, 3]);
        yield* settle;
        expect(set).toEqual(["alarm-1", "alarm-2"]);
        for (const again of [["alarm-2"], []]) {
          set.length = 0;
          armed = again.length === 0;
          const before = lost;
          lost = Deferred.makeUnsafe();
          yield* Deferred.fail(before, new StoreUnavailable({ message: "gone" }));
          yield* settle;
          yield* settle;
          expect([set, armed]).toEqual([again, true]);
        }
      }),
    ));

  test("are inboxes: they are opened again, and what still matters is delivered again", () =>
    onLeaf(
      Effect.gen(function* () {
        const did: Array<string> = [];
        let kept: number | undefined;
        let owners = new Set(["bob"]);
        let lost = Deferred.makeUnsafe<never, StoreUnavailable>();
        const manager: ProcessManager<number> = {
          ...summing((seen, { eventId }) => [
            ...(seen === 1 ? [{ kind: "open-inbox", agent: "bob" } as const] : []),
            { kind: "deliver", agent: "bob", channel: "task", deliveryId: eventId, message: { seen } },
          ]),
          delivers: true,
          owners: (seen) => (seen > 0 ? ["bob"] : []),
          stillMatters: (seen, { deliveryId, message }) =>
            (message as { readonly seen: number }).seen === seen ? deliveryId : undefined,
        };
        yield* Effect.provideService(running(manager), Inbox, {
          open: (agent) =>
            Effect.sync(() => {
              did.push(`open ${agent}`);
              owners = new Set([agent]);
            }),
          keep: () => Effect.void,
          deliver: (_agent, _channel, id) => Effect.sync(() => void did.push(id)),
          owners: Effect.sync(() => owners),
          progress: {
            resume: Effect.sync(() => kept),
            startOver: Effect.void,
            save: (position) =>
              Effect.sync(() => {
                kept = position;
                return position;
              }),
            lost: Effect.suspend(() => Deferred.await(lost)),
            forget: Effect.sync(() => {
              kept = undefined;
            }),
          },
        });
        yield* commitOf("a", [1, 2]);
        yield* settle;
        expect(did).toEqual(["open bob", "counter.a.1", "counter.a.2"]);
        // An inbox alone is gone.
        did.length = 0;
        owners = new Set();
        const before = lost;
        lost = Deferred.makeUnsafe();
        yield* Deferred.fail(before, new StoreUnavailable({ message: "has lost a consumer" }));
        for (let times = 0; times < 3; times++) yield* settle;
        expect(did).toEqual(["open bob", "counter.a.2"]);
        yield* commitOf("a", [3]);
        yield* settle;
        expect(did.slice(2)).toEqual(["counter.a.3"]);
      }),
    ));
});
