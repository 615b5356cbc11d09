import { Effect, FiberSet } from "effect";

/** Deliveries on their way at a time; more wait until these have arrived. */
const maxOnTheirWay = 1_000;

/** A delivery, and the position in the log of what it tells. */
export interface LaneDelivery<R> {
  readonly agent: string;
  readonly position: number;
  /** Repeats itself until it has arrived. */
  readonly deliver: Effect.Effect<void, never, R>;
}

/** Deliveries that go on while the log is read further. */
export interface DeliveryLanes<R> {
  /** Sends one on its way, behind those for the same agent: what an agent gets keeps its order. */
  readonly add: (delivery: LaneDelivery<R>) => Effect.Effect<void>;
  /** Waits until everything has arrived. */
  readonly empty: Effect.Effect<void>;
  /** The oldest position of which something is on its way; undefined where nothing is. */
  readonly oldest: () => number | undefined;
}

/**
 * Lanes in the current scope, one for each agent: those of different agents do not wait for each other, so that a turn
 * costs its recipients one round trip to the server and not one each. `arrived` hears of each position that is done.
 */
export const deliveryLanes = Effect.fnUntraced(function* <R>(arrived: Effect.Effect<void>) {
  const fibers = yield* FiberSet.make<void>();
  const run = yield* FiberSet.runtime(fibers)<R>();
  const lanes = new Map<string, Array<LaneDelivery<R>>>();
  /** How many are on their way, by position; positions come in order. */
  const onTheirWay = new Map<number, number>();
  let count = 0;

  const settle = (position: number) => {
    const left = (onTheirWay.get(position) ?? 1) - 1;
    count -= 1;
    if (left > 0) onTheirWay.set(position, left);
    else onTheirWay.delete(position);
    return left > 0 ? Effect.void : arrived;
  };
  const work = Effect.fnUntraced(function* (agent: string, lane: Array<LaneDelivery<R>>) {
    for (let next = lane.shift(); next !== undefined; next = lane.shift()) {
      yield* next.deliver;
      yield* settle(next.position);
    }
    lanes.delete(agent);
  });
  const empty = FiberSet.awaitEmpty(fibers);
  const enter = (delivery: LaneDelivery<R>) => {
    const { agent, position } = delivery;
    count += 1;
    onTheirWay.set(position, (onTheirWay.get(position) ?? 0) + 1);
    const lane = lanes.get(agent);
    if (lane !== undefined) {
      lane.push(delivery);
      return;
    }
    const opened = [delivery];
    lanes.set(agent, opened);
    run(work(agent, opened));
  };
  const lanesOf: DeliveryLanes<R> = {
    add: (delivery) =>
      Effect.suspend(() => {
        const entered = Effect.sync(() => enter(delivery));
        return count < maxOnTheirWay ? entered : Effect.andThen(empty, entered);
      }),
    empty,
    oldest: () => onTheirWay.keys().next().value,
  };
  return lanesOf;
});
