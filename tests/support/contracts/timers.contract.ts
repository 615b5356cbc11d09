import { expect, test } from "@jest/globals";
import { Deferred, Effect, Fiber, type Layer, Queue, type Schema, type Scope } from "effect";
import { StoreUnavailable, type TimerCommand, Timers } from "../../../src/application/ports/mod.ts";

export const commandNamed = (command: string): TimerCommand => ({
  aggregate: "proposal",
  id: "p-1",
  command,
  payload: { text: "quotes \" '' \n Unicode ✓" },
  correlationId: "correlation",
});

/** The moment so many milliseconds from now. */
export const fromNow = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

/** Takes what fires, by `<timer>:<command>`. */
export const firedOf = Effect.fnUntraced(function* (timers: Timers["Service"]) {
  const fired = yield* Queue.unbounded<string>();
  yield* Effect.forkScoped(
    timers.onFired((timerId, { command }) => Effect.asVoid(Queue.offer(fired, `${timerId}:${command}`))),
  );
  return fired;
});

/** What all timers must do; `layer` makes some that share nothing with others. */
export const timersContract = (layer: () => Layer.Layer<Timers, unknown>) => {
  const run = <A>(body: (timers: Timers["Service"]) => Effect.Effect<A, unknown, Scope.Scope>) =>
    Effect.runPromise(Effect.scoped(Effect.provide(Effect.flatMap(Timers, body), layer())));

  test("a timer hands over its command, not before its moment", () =>
    run((timers) =>
      Effect.gen(function* () {
        const at = Date.now() + 400;
        yield* timers.schedule("due", new Date(at).toISOString(), commandNamed("close"));
        const fired = yield* Queue.unbounded<readonly [string, TimerCommand]>();
        yield* Effect.forkScoped(timers.onFired((...timer) => Effect.asVoid(Queue.offer(fired, timer))));
        expect(yield* Queue.take(fired)).toEqual(["due", commandNamed("close")]);
        expect(Date.now()).toBeGreaterThanOrEqual(at);
      }),
    ));

  test("one whose moment has passed fires at once, also while nobody looks", () =>
    run((timers) =>
      Effect.gen(function* () {
        yield* timers.schedule("past", fromNow(-3_600_000), commandNamed("late"));
        yield* timers.schedule("epoch", "1970-01-01T00:00:00.000Z", commandNamed("late"));
        const fired = yield* firedOf(timers);
        const both = [yield* Queue.take(fired), yield* Queue.take(fired)];
        expect(both.sort()).toEqual(["epoch:late", "past:late"]);
      }),
    ));

  test("scheduling again replaces, earlier or later; cancelling prevents", () =>
    run((timers) =>
      Effect.gen(function* () {
        const fired = yield* firedOf(timers);
        yield* timers.schedule("later", fromNow(300), commandNamed("old"));
        yield* timers.schedule("later", fromNow(900), commandNamed("new"));
        yield* timers.schedule("earlier", fromNow(60_000), commandNamed("old"));
        yield* timers.schedule("earlier", fromNow(100), commandNamed("new"));
        yield* timers.schedule("cancelled", fromNow(500), commandNamed("never"));
        yield* timers.cancel("cancelled");
        yield* timers.cancel("never-was");
        expect(yield* Queue.take(fired)).toBe("earlier:new");
        expect(yield* Queue.take(fired)).toBe("later:new");
        yield* Effect.sleep("400 millis");
        expect(yield* Queue.clear(fired)).toEqual([]);
      }),
    ));

  test("after it has fired, cancelling does nothing, and it may be scheduled again", () =>
    run((timers) =>
      Effect.gen(function* () {
        const fired = yield* firedOf(timers);
        yield* timers.schedule("again", fromNow(0), commandNamed("first"));
        expect(yield* Queue.take(fired)).toBe("again:first");
        yield* timers.cancel("again");
        yield* timers.schedule("again", fromNow(100), commandNamed("second"));
        expect(yield* Queue.take(fired)).toBe("again:second");
      }),
    ));

  test("one in the farthest future does not fire now", () =>
    run((timers) =>
      Effect.gen(function* () {
        const fired = yield* firedOf(timers);
        yield* timers.schedule("far", "9999-12-31T23:59:59.999Z", commandNamed("never"));
        yield* Effect.sleep("600 millis");
        expect(yield* Queue.clear(fired)).toEqual([]);
      }),
    ));

  test("one whose handler fails or dies is handed over again, others go on meanwhile", () =>
    run((timers) =>
      Effect.gen(function* () {
        const handled: Array<string> = [];
        const failures: Array<Effect.Effect<void, StoreUnavailable>> = [
          Effect.fail(new StoreUnavailable({ message: "away" })),
          Effect.die(new Error("a fault")),
        ];
        const done = yield* Queue.unbounded<string>();
        yield* Effect.forkScoped(
          timers.onFired((timerId) =>
            Effect.gen(function* () {
              handled.push(timerId);
              if (timerId === "difficult") yield* failures.shift() ?? Effect.void;
              yield* Queue.offer(done, timerId);
            }),
          ),
        );
        yield* timers.schedule("difficult", fromNow(0), commandNamed("close"));
        yield* timers.schedule("easy", fromNow(100), commandNamed("close"));
        expect([yield* Queue.take(done), yield* Queue.take(done)]).toEqual(["easy", "difficult"]);
        expect(handled.filter((timerId) => timerId === "difficult")).toHaveLength(3);
      }),
    ));

  test("one whose handler is interrupted goes to who looks next", () =>
    run((timers) =>
      Effect.gen(function* () {
        yield* timers.schedule("handed-on", fromNow(0), commandNamed("close"));
        const taken = yield* Deferred.make<void>();
        const first = yield* Effect.forkScoped(
          timers.onFired(() => Effect.andThen(Deferred.succeed(taken, undefined), Effect.never)),
        );
        yield* Deferred.await(taken);
        yield* Fiber.interrupt(first);
        const second = yield* firedOf(timers);
        expect(yield* Queue.take(second)).toBe("handed-on:close");
      }),
    ));

  test("the payload may be any JSON value", () =>
    run((timers) =>
      Effect.gen(function* () {
        const payload: Schema.Json = [null, { deep: [1.5, "x"] }];
        yield* timers.schedule("json", fromNow(0), { ...commandNamed("close"), payload });
        const seen = yield* Queue.unbounded<Schema.Json>();
        yield* Effect.forkScoped(timers.onFired((_, command) => Effect.asVoid(Queue.offer(seen, command.payload))));
        expect(yield* Queue.take(seen)).toEqual(payload);
      }),
    ));
};
