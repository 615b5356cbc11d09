import { describe, expect, test } from "@jest/globals";
import { Context, Effect, Layer } from "effect";
import { TestClock } from "effect/testing";
import type { Action } from "../../../src/application/action.ts";
import { aggregateOf } from "../../../src/application/aggregate.ts";
import { CommandError } from "../../../src/application/command-error.ts";
import { CommandHandling } from "../../../src/application/command-handling.ts";
import { type ProcessManager, runProcessManager } from "../../../src/application/process-manager.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import type { RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { parkedStep } from "../../../src/domain/parked-step/decider.ts";
import { MemoryLog } from "../../../src/infrastructure/memory/event-store.ts";
import { parked as parkedView } from "../../../src/projections/parked.ts";
import { commitsOf, counters, give, inBackend, increase, onLeaf } from "./memory-leaf.ts";

const aggregates = [...counters, aggregateOf(parkedStep)];
const views = [parkedView];

const by = ({ data }: RecordedEvent) => (data as { readonly by: number }).by;

const add = (amount: number): Action => ({
  kind: "command",
  step: "add",
  aggregate: "counter",
  id: "sum",
  command: "increase",
  payload: { by: amount },
});

/** Asks for something after each growth of a counter but `sum`. */
const asking = (
  react: (event: RecordedEvent) => ReadonlyArray<Action>,
  more: Partial<ProcessManager<number>> = {},
): ProcessManager<number> => ({
  name: "asking",
  aggregates: ["counter"],
  initial: 0,
  evolve: (seen) => seen,
  react: (_, event) => (event.id !== "sum" && event.type === "increased" ? react(event) : []),
  ...more,
});

const start = <R>(manager: ProcessManager<number, R>) =>
  inBackend(
    Effect.gen(function* () {
      const context = yield* Layer.build(ReadModels.layer(views, aggregates));
      yield* Effect.forkScoped(runProcessManager(manager, aggregates));
      return Context.get(context, ReadModels);
    }),
  );

/** Long enough for a step to be tried four times. */
const patience = Effect.forEach(Array.from({ length: 10 }), () => TestClock.adjust("1 second"), { discard: true });

const parkedIn = (running: ReadModels["Service"]) =>
  Effect.map(running.upToDate("parked"), (documents) => [...documents.values()]);

const sum = Effect.map(commitsOf("sum"), (commits) =>
  commits.slice(1).map(({ events }) => (events[0].data as { readonly by: number }).by),
);

const run = (body: Parameters<typeof onLeaf>[0], log = new MemoryLog()) => onLeaf(body, aggregates, log);

describe("a step that keeps failing", () => {
  const broken = asking((event) => [by(event) === 13 ? { ...add(13), payload: { by: "thirteen" } } : add(by(event))]);

  test("is parked with its reason after some attempts; what follows for the same key goes on", () =>
    run(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { running } = yield* start(broken);
        yield* increase("a", 13);
        yield* increase("a", 2);
        yield* TestClock.adjust("1 second");
        expect(yield* sum).toEqual([]);
        yield* patience;
        expect(yield* sum).toEqual([2]);
        expect(yield* parkedIn(running)).toMatchObject([
          {
            id: "asking-3-2-0",
            status: "parked",
            manager: "asking",
            event: "counter.a.2",
            key: "counter.sum",
            attempts: 4,
            reason: expect.stringContaining("counter.increase: by"),
            action: { command: "increase" },
          },
        ]);
      }),
    ));

  test("stays parked after a restart, and is not parked twice", () =>
    run(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const first = yield* start(broken);
        yield* increase("a", 13);
        yield* patience;
        yield* first.kill;
        const second = yield* start(broken);
        yield* increase("a", 2);
        yield* patience;
        expect(yield* sum).toEqual([2]);
        expect(yield* parkedIn(second.running)).toMatchObject([{ id: "asking-3-2-0", version: 1 }]);
      }),
    ));

  test("is done when somebody has it tried again and it works, and then is over", () =>
    run(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        let refuse = true;
        const { handle } = yield* CommandHandling;
        const { running } = yield* Effect.provideService(start(asking((event) => [add(by(event))])), CommandHandling, {
          handle: (request) =>
            refuse && request.command === "increase"
              ? Effect.fail(new CommandError({ code: "unauthorized", message: "not you" }))
              : handle(request),
        });
        yield* increase("a", 5);
        yield* patience;
        expect(yield* parkedIn(running)).toMatchObject([{ status: "parked", reason: "not you" }]);
        // It fails again: it is parked again.
        yield* give("parked-step", "asking-3-2-0", "retry");
        yield* patience;
        expect(yield* parkedIn(running)).toMatchObject([{ status: "parked", version: 3 }]);
        refuse = false;
        yield* give("parked-step", "asking-3-2-0", "retry");
        yield* patience;
        expect(yield* sum).toEqual([5]);
        expect(yield* parkedIn(running)).toEqual([]);
      }),
    ));

  test("is given up when somebody drops it", () =>
    run(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { running } = yield* start(broken);
        yield* increase("a", 13);
        yield* patience;
        yield* give("parked-step", "asking-3-2-0", "drop", { reason: "nobody needs it" });
        yield* patience;
        expect(yield* parkedIn(running)).toEqual([]);
        const refused = yield* Effect.flip(give("parked-step", "asking-3-2-0", "retry"));
        expect(refused.details).toMatchObject({ reason: "wrong-state" });
      }),
    ));

  test("may also be an operation that dies, or a command to an aggregate that can only be read", () => {
    const log = new MemoryLog();
    return run(
      Effect.gen(function* () {
        const manager = asking(
          ({ id }) => [id === "a" ? { kind: "operation", operation: "die", input: null } : add(1)],
          { operations: { die: () => Effect.die(new Error("out of cheese")) } },
        );
        yield* give("counter", "sum", "open");
        log.put("cim.evt.counter.sum", "{not json");
        const { running } = yield* start(manager);
        yield* increase("a", 1);
        yield* increase("b", 1);
        yield* patience;
        const reasons = (yield* parkedIn(running)).map((step) => (step as { readonly reason: string }).reason);
        expect(reasons).toEqual([
          expect.stringContaining("out of cheese"),
          expect.stringContaining("counter `sum` can only be read"),
        ]);
      }),
      log,
    );
  });
});

describe("an event at which the manager itself fails", () => {
  test.each(["evolve", "react"] as const)("is parked by itself, and the others go on: %s", (part) =>
    run(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        let fails = true;
        const check = (event: RecordedEvent) => {
          if (fails && event.id !== "sum" && event.type === "increased" && by(event) === 13) throw new Error("a 13");
        };
        const manager = asking(
          (event) => {
            if (part === "react") check(event);
            return [add(by(event))];
          },
          {
            evolve: (seen, event) => {
              if (part === "evolve") check(event);
              return seen;
            },
          },
        );
        const { running } = yield* start(manager);
        yield* increase("a", 13);
        yield* increase("a", 2);
        yield* patience;
        expect(yield* sum).toEqual([2]);
        expect(yield* parkedIn(running)).toMatchObject([
          { id: "asking-3-2-event", key: "counter.a", reason: expect.stringContaining("a 13") },
        ]);
        fails = false;
        yield* give("parked-step", "asking-3-2-event", "retry");
        yield* patience;
        expect(yield* sum).toEqual([2, 13]);
        expect(yield* parkedIn(running)).toEqual([]);
      }),
    ),
  );
});

test("a store that does not answer is waited for without end: nothing is parked", () =>
  run(
    Effect.gen(function* () {
      yield* give("counter", "sum", "open");
      let failures = 1_000;
      const { handle } = yield* CommandHandling;
      const { running } = yield* Effect.provideService(start(asking((event) => [add(by(event))])), CommandHandling, {
        handle: (request) =>
          failures-- > 0
            ? Effect.fail(new CommandError({ code: "unavailable", message: "no store" }))
            : handle(request),
      });
      yield* increase("a", 5);
      yield* patience;
      expect(yield* sum).toEqual([]);
      failures = 0;
      yield* patience;
      expect(yield* sum).toEqual([5]);
      expect(yield* parkedIn(running)).toEqual([]);
    }),
  ));
