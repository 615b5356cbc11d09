import { expect, test } from "@jest/globals";
import { Effect, type Layer, type Schema } from "effect";
import { Inbox } from "../../../src/application/ports/mod.ts";
import type { InboxChannel } from "../../../src/contract/deliveries.ts";

/** What waits for an agent: an agent that reads without acknowledging. */
export type Waiting = (
  agentId: string,
) => Effect.Effect<ReadonlyArray<{ readonly channel: string; readonly message: Schema.Json }>, unknown>;

/** What every inbox must do; `waiting` looks into what it has delivered. */
export const inboxContract = <R>(
  layer: () => Layer.Layer<Inbox | R, unknown>,
  waiting: Effect.Effect<Waiting, never, R>,
) => {
  const run = <A>(body: (inbox: Inbox["Service"], waiting: Waiting) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(
      Effect.provide(
        Effect.gen(function* () {
          return yield* body(yield* Inbox, yield* waiting);
        }),
        layer(),
      ),
    );
  const freshAgent = () => `agent-${crypto.randomUUID().slice(0, 8)}`;
  const said = (channel: InboxChannel, message: Schema.Json) => ({ channel, message });

  test("deliveries wait for an agent that is away, in order, each agent its own", () =>
    run((inbox, waiting) =>
      Effect.gen(function* () {
        const [one, other] = [freshAgent(), freshAgent()];
        yield* inbox.open(one);
        yield* inbox.open(other);
        yield* inbox.deliver(one, "task", "d-1", { text: "Unicode ✓" });
        yield* inbox.deliver(other, "turn", "d-1", 2);
        yield* inbox.deliver(one, "proposal", "d-2", [3]);
        expect(yield* waiting(one)).toEqual([said("task", { text: "Unicode ✓" }), said("proposal", [3])]);
        expect(yield* waiting(other)).toEqual([said("turn", 2)]);
      }),
    ));

  test("a delivery that is repeated comes once", () =>
    run((inbox, waiting) =>
      Effect.gen(function* () {
        const agent = freshAgent();
        yield* inbox.open(agent);
        yield* inbox.deliver(agent, "task", "d-1", 1);
        yield* inbox.deliver(agent, "task", "d-1", 1);
        expect(yield* waiting(agent)).toEqual([said("task", 1)]);
      }),
    ));

  test("opening again changes nothing; nothing is kept for who never had an inbox", () =>
    run((inbox, waiting) =>
      Effect.gen(function* () {
        const agent = freshAgent();
        yield* inbox.keep(agent);
        yield* inbox.deliver(agent, "turn", "d-0", 0);
        yield* inbox.open(agent);
        yield* inbox.deliver(agent, "task", "d-1", 1);
        yield* inbox.open(agent);
        expect(yield* waiting(agent)).toEqual([said("task", 1)]);
      }),
    ));

  test("what waits for an agent that signs off is there on return, with what came meanwhile, but no task", () =>
    run((inbox, waiting) =>
      Effect.gen(function* () {
        const agent = freshAgent();
        yield* inbox.open(agent);
        yield* inbox.deliver(agent, "turn", "d-1", 1);
        yield* inbox.deliver(agent, "task", "d-2", 2);
        yield* inbox.deliver(agent, "proposal", "d-3", 3);
        yield* inbox.keep(agent);
        yield* inbox.keep(agent);
        yield* inbox.deliver(agent, "turn", "d-4", 4);
        yield* inbox.open(agent);
        yield* inbox.deliver(agent, "task", "d-5", 5);
        expect(yield* waiting(agent)).toEqual([said("turn", 1), said("proposal", 3), said("turn", 4), said("task", 5)]);
      }),
    ));

  test("progress is what was saved last, also for the next who delivers", () =>
    run((inbox) =>
      Effect.gen(function* () {
        const { resume, save, startOver } = inbox.progress;
        const first = yield* Effect.scoped(
          Effect.gen(function* () {
            const before = yield* resume;
            yield* save(7);
            yield* save(9);
            return before;
          }),
        );
        expect(first ?? 0).toBe(0);
        expect(yield* Effect.scoped(resume)).toBe(9);
        const again = Effect.gen(function* () {
          yield* resume;
          yield* startOver;
          return yield* save(3);
        });
        expect(yield* Effect.scoped(again)).toBeLessThanOrEqual(3);
        expect(yield* Effect.scoped(resume)).toBe(3);
      }),
    ));
};
