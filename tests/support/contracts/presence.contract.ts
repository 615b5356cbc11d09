import { expect, test } from "@jest/globals";
import { Effect, type Layer, Queue, type Scope } from "effect";
import { Presence } from "../../../src/application/ports/mod.ts";

/** Takes the changes, by `<agent>:<status>`. */
export const changesOf = Effect.fnUntraced(function* (presence: Presence["Service"]) {
  const changes = yield* Queue.unbounded<string>();
  yield* Effect.forkScoped(
    presence.watch((agentId, status) => Effect.asVoid(Queue.offer(changes, `${agentId}:${status}`))),
  );
  yield* Effect.sleep("200 millis");
  return changes;
});

/** What all presence must do; `layer` makes one with an interval of one second that shares nothing with others. */
export const presenceContract = (layer: () => Layer.Layer<Presence, unknown>) => {
  const run = <A>(body: (presence: Presence["Service"]) => Effect.Effect<A, unknown, Scope.Scope>) =>
    Effect.runPromise(Effect.scoped(Effect.provide(Effect.flatMap(Presence, body), layer())));

  test("an agent is online with its first heartbeat, then away, then offline, and comes back", () =>
    run((presence) =>
      Effect.gen(function* () {
        expect(yield* presence.current).toEqual(new Map());
        const changes = yield* changesOf(presence);
        yield* presence.beat("one");
        expect(yield* Queue.take(changes)).toBe("one:online");
        expect(yield* presence.current).toEqual(new Map([["one", "online"]]));
        expect(yield* Queue.take(changes)).toBe("one:away");
        expect(yield* presence.current).toEqual(new Map([["one", "away"]]));
        expect(yield* Queue.take(changes)).toBe("one:offline");
        expect(yield* presence.current).toEqual(new Map());
        yield* presence.beat("one");
        expect(yield* Queue.take(changes)).toBe("one:online");
      }),
    ));

  test("one whose heartbeats come in time stays online; one that is late comes back from away", () =>
    run((presence) =>
      Effect.gen(function* () {
        const changes = yield* changesOf(presence);
        yield* presence.beat("late");
        expect(yield* Queue.take(changes)).toBe("late:online");
        yield* Effect.forkScoped(Effect.forever(Effect.delay(presence.beat("steady"), "300 millis")));
        expect(yield* Queue.take(changes)).toBe("steady:online");
        expect(yield* Queue.take(changes)).toBe("late:away");
        yield* presence.beat("late");
        expect(yield* Queue.take(changes)).toBe("late:online");
        expect((yield* presence.current).get("steady")).toBe("online");
      }),
    ));

  test("a watcher is told what changes from its call on, not what was before", () =>
    run((presence) =>
      Effect.gen(function* () {
        yield* presence.beat("early");
        const changes = yield* changesOf(presence);
        yield* presence.beat("early");
        yield* presence.beat("new");
        expect(yield* Queue.take(changes)).toBe("new:online");
      }),
    ));
};
