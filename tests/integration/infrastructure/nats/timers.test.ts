import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Layer, Queue } from "effect";
import { Timers } from "../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { timersLayer } from "../../../../src/infrastructure/nats/timers.ts";
import { commandNamed, firedOf, fromNow, timersContract } from "../../../support/contracts/timers.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

let leaf = 0;
/** Timers of a leaf of their own. */
const freshTimers = () => Layer.provideMerge(timersLayer, nats.connection(`${nats.prefix}-${++leaf}`));
const run = <A>(body: Effect.Effect<A, unknown, Timers | NatsConnection>) =>
  Effect.runPromise(Effect.provide(body, freshTimers()));

const messagesLeft = Effect.gen(function* () {
  const { jsm, names } = yield* NatsConnection;
  return (yield* Effect.promise(() => jsm.streams.info(names.streams.timers))).state.messages;
});

describe("timers as scheduled messages", () => {
  timersContract(freshTimers);

  test("nothing remains of a timer that was handled, cancelled or replaced", () =>
    run(
      Effect.gen(function* () {
        const timers = yield* Timers;
        const fired = yield* firedOf(timers);
        yield* timers.schedule("cancelled", fromNow(60_000), commandNamed("never"));
        yield* timers.cancel("cancelled");
        yield* timers.schedule("replaced", fromNow(60_000), commandNamed("old"));
        yield* timers.schedule("replaced", fromNow(0), commandNamed("new"));
        yield* Queue.take(fired);
        while ((yield* messagesLeft) > 0) yield* Effect.sleep("20 millis");
      }).pipe(Effect.scoped),
    ));

  test("what is no command is dropped, and the timers after it are handled", () =>
    run(
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        const timers = yield* Timers;
        yield* Effect.promise(() => js.publish(names.subjects.timerFired("rubbish"), "no JSON"));
        yield* Effect.promise(() => js.publish(names.subjects.timerFired("stranger"), "{}"));
        yield* timers.schedule("good", fromNow(0), commandNamed("close"));
        expect(yield* Queue.take(yield* firedOf(timers))).toBe("good:close");
        while ((yield* messagesLeft) > 0) yield* Effect.sleep("20 millis");
      }).pipe(Effect.scoped),
    ));

  test("a handler may take longer than the server waits for it, and is not called twice", () =>
    run(
      Effect.gen(function* () {
        const timers = yield* Timers;
        const calls = yield* Queue.unbounded<string>();
        yield* Effect.forkScoped(
          timers.onFired((timerId) => Effect.andThen(Queue.offer(calls, timerId), Effect.sleep("6500 millis"))),
        );
        yield* timers.schedule("slow", fromNow(0), commandNamed("close"));
        while ((yield* messagesLeft) > 0) yield* Effect.sleep("100 millis");
        expect(yield* Queue.clear(calls)).toEqual(["slow"]);
      }).pipe(Effect.scoped),
    ));

  test("timers survive the death of the server, also those that became due meanwhile", async () => {
    if (!nats.controllable) return;
    await run(
      Effect.gen(function* () {
        const timers = yield* Timers;
        const fired = yield* firedOf(timers);
        yield* timers.schedule("meanwhile", fromNow(500), commandNamed("close"));
        yield* timers.schedule("afterwards", fromNow(2_500), commandNamed("close"));
        yield* timers.schedule("cancelled", fromNow(2_000), commandNamed("never"));
        yield* timers.cancel("cancelled");
        yield* Effect.promise(() => nats.kill());
        yield* Effect.sleep("1 second");
        yield* Effect.promise(() => nats.start());
        expect(yield* Queue.take(fired)).toBe("meanwhile:close");
        expect(yield* Queue.take(fired)).toBe("afterwards:close");
      }).pipe(Effect.scoped),
    );
  });
});
