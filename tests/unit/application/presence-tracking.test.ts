import { describe, expect, test } from "@jest/globals";
import { Effect, Layer } from "effect";
import { TestClock } from "effect/testing";
import { aggregateOf } from "../../../src/application/aggregate.ts";
import { CommandHandling } from "../../../src/application/command-handling.ts";
import { EventStore } from "../../../src/application/ports/mod.ts";
import { runPresenceTracking } from "../../../src/application/presence-tracking.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import { agent } from "../../../src/domain/agent/decider.ts";
import { Beats, memoryHeartbeatsLayer } from "../../../src/infrastructure/memory/messaging.ts";
import { agents as agentsView } from "../../../src/projections/agents.ts";
import { give, inBackend, type LeafServices, onLeaf, settle } from "./memory-leaf.ts";

const agents = [aggregateOf(agent)];

const services = Layer.fresh(Layer.merge(ReadModels.layer([agentsView], agents), memoryHeartbeatsLayer()));

const onAgents = <A, E>(test: Effect.Effect<A, E, Layer.Success<typeof services> | LeafServices>) =>
  onLeaf(Effect.provide(test, services), agents);

const register = (id: string) => give("agent", id, "register", { capabilities: ["review"] }, id);
const tracking = inBackend(Effect.forkScoped(runPresenceTracking));
const beat = (id: string) => Effect.flatMap(Beats, ({ beat }) => beat(id));

/** What the log says about who was there: the status after each change. */
const story = (id: string) =>
  Effect.flatMap(EventStore, (store) => store.read("agent", id)).pipe(
    Effect.map((commits) =>
      commits.flatMap(({ events }) =>
        events.flatMap(({ type, data }) =>
          type === "presence-changed" ? [(data as { readonly status: string }).status] : [],
        ),
      ),
    ),
    Effect.orDie,
  );

describe("presence", () => {
  test("becomes events: there at the first heartbeat, away without one, gone after three intervals", () =>
    onAgents(
      Effect.gen(function* () {
        yield* register("bob");
        yield* tracking;
        yield* settle;
        yield* beat("bob");
        yield* settle;
        expect(yield* story("bob")).toEqual(["online"]);
        yield* TestClock.adjust("15 seconds");
        expect(yield* story("bob")).toEqual(["online", "away"]);
        yield* TestClock.adjust("15 seconds");
        expect(yield* story("bob")).toEqual(["online", "away", "offline"]);
      }),
    ));

  test("is no event while heartbeats come", () =>
    onAgents(
      Effect.gen(function* () {
        yield* register("bob");
        yield* tracking;
        for (let beats = 0; beats < 10; beats++) {
          yield* beat("bob");
          yield* TestClock.adjust("10 seconds");
        }
        expect(yield* story("bob")).toEqual(["online"]);
      }),
    ));

  test("that changed while nobody looked is noticed by comparison, once there was time to be heard", () =>
    onAgents(
      Effect.gen(function* () {
        yield* register("bob");
        const first = yield* tracking;
        yield* settle;
        yield* beat("bob");
        yield* settle;
        yield* first.kill;
        yield* TestClock.adjust("1 minute");
        yield* register("eve");
        yield* beat("eve");
        expect(yield* story("bob")).toEqual(["online"]);
        yield* tracking;
        yield* settle;
        expect(yield* story("eve")).toEqual(["online"]);
        expect(yield* story("bob")).toEqual(["online"]);
        yield* TestClock.adjust("15 seconds");
        expect(yield* story("bob")).toEqual(["online", "offline"]);
      }),
    ));

  test("is no event when the backend was away, for however long, and the agents were not", () =>
    onAgents(
      Effect.gen(function* () {
        const ids = Array.from({ length: 100 }, (_, number) => `agent-${number}`);
        for (const id of ids) yield* register(id);
        const first = yield* tracking;
        yield* settle;
        for (const id of ids) yield* beat(id);
        yield* settle;
        yield* first.kill;
        yield* TestClock.adjust("1 hour");
        yield* tracking;
        // Each is heard within an interval.
        yield* TestClock.adjust("9 seconds");
        for (const id of ids) yield* beat(id);
        yield* TestClock.adjust("14 seconds");
        for (const id of ids) expect(yield* story(id)).toEqual(["online"]);
      }),
    ));

  test("of an agent that deregistered is offline at once, and that of one that is back is noticed within a second", () =>
    onAgents(
      Effect.gen(function* () {
        yield* register("bob");
        yield* tracking;
        yield* settle;
        yield* beat("bob");
        yield* settle;
        yield* give("agent", "bob", "deregister", {}, "bob");
        yield* settle;
        expect(yield* story("bob")).toEqual(["online"]);
        yield* register("bob");
        yield* settle;
        expect(yield* story("bob")).toEqual(["online", "online"]);
      }),
    ));

  test("that could not be recorded at once is recorded later", () =>
    onAgents(
      Effect.gen(function* () {
        yield* register("bob");
        const { handle } = yield* CommandHandling;
        let failures = 1;
        yield* Effect.provideService(tracking, CommandHandling, {
          handle: (request) => (failures-- > 0 ? Effect.die(new Error("a fault")) : handle(request)),
        });
        yield* settle;
        yield* beat("bob");
        yield* TestClock.adjust("20 seconds");
        expect((yield* story("bob"))[0]).toBe("online");
      }),
    ));

  test("of strangers, and of agents that have deregistered, is ignored", () =>
    onAgents(
      Effect.gen(function* () {
        yield* register("bob");
        yield* give("agent", "bob", "deregister", {}, "bob");
        yield* tracking;
        yield* settle;
        yield* beat("mallory");
        yield* beat("bob");
        yield* settle;
        expect(yield* story("mallory")).toEqual([]);
        expect(yield* story("bob")).toEqual([]);
      }),
    ));
});
