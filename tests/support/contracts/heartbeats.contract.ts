import { expect, test } from "@jest/globals";
import { Effect, type Layer, Queue, type Scope } from "effect";
import { Heartbeats } from "../../../src/application/ports/mod.ts";
import { Beats } from "../../../src/infrastructure/memory/messaging.ts";

/** Takes who is heard, in order. */
export const heardBy = Effect.fnUntraced(function* (heartbeats: Heartbeats["Service"]) {
  const heard = yield* Queue.unbounded<string>();
  yield* Effect.forkScoped(
    heartbeats.listen({ heard: (agentId) => void Queue.offerUnsafe(heard, agentId), interrupted: () => undefined }),
  );
  yield* Effect.sleep("200 millis");
  return heard;
});

/** What all heartbeats must do; `layer` makes some that share nothing with others. */
export const heartbeatsContract = (layer: () => Layer.Layer<Heartbeats | Beats, unknown>) => {
  const run = <A>(
    body: (
      heartbeats: Heartbeats["Service"],
      beat: (id: string) => Effect.Effect<void>,
    ) => Effect.Effect<A, unknown, Scope.Scope>,
  ) =>
    Effect.runPromise(
      Effect.scoped(
        Effect.provide(
          Effect.gen(function* () {
            return yield* body(yield* Heartbeats, (yield* Beats).beat);
          }),
          layer(),
        ),
      ),
    );

  test("a listener hears who was heard lately, once, and then everyone who beats, each time", () =>
    run((heartbeats, beat) =>
      Effect.gen(function* () {
        yield* beat("early");
        yield* beat("early");
        yield* Effect.sleep("100 millis");
        const heard = yield* heardBy(heartbeats);
        // At once, the older of two of one agent may be left out: the newest says everything.
        for (const id of ["one", "two", "one"]) yield* Effect.andThen(beat(id), Effect.sleep("100 millis"));
        const told: Array<string> = [];
        while (told.length < 4) told.push(yield* Queue.take(heard));
        expect(told).toEqual(["early", "one", "two", "one"]);
      }),
    ));

  test("the moment of a heartbeat is told", () =>
    run((heartbeats, beat) =>
      Effect.gen(function* () {
        const before = Date.now();
        yield* beat("early");
        const after = Date.now();
        yield* Effect.sleep("300 millis");
        const times: Array<number> = [];
        yield* Effect.forkScoped(
          heartbeats.listen({ heard: (_, at) => void times.push(at), interrupted: () => undefined }),
        );
        while (times.length === 0) yield* Effect.sleep("10 millis");
        // The moment of the beat, not that of hearing it; the clock of the server may differ a little.
        expect(times[0]).toBeGreaterThan(before - 100);
        expect(times[0]).toBeLessThan(after + 200);
      }),
    ));
};
