import type { NatsConnection } from "@nats-io/nats-core";
import { Effect } from "effect";
import { StandBy } from "../../application/stand-by.ts";
import { backendsOn } from "./backends.ts";

/** How often a backend that stands by looks whether another one is there. */
const lookEvery = "2 seconds";

/** A reason to be no member of a queue group. */
export interface Absence {
  readonly trouble: string | undefined;
  /** Calls `listener` when there is a trouble, and when there is none any more. Returns how to stop. */
  readonly onChange: (listener: () => void) => () => void;
}

/**
 * Whether another backend answers while the backend `id` stands by. One that stands by would refuse its share of all
 * requests. If it is the only one, it stays in the queue groups: its refusals say what to do, and silence does not. Two
 * that stand by do not take each other for a replacement, because discovery shows that they stand by.
 */
export const replacement = Effect.fnUntraced(function* (nc: NatsConnection, prefix: string, id: string) {
  const { reason, until } = yield* StandBy;
  const listeners = new Set<() => void>();
  let trouble: string | undefined;
  const become = (next: string | undefined) => {
    const changes = (next === undefined) !== (trouble === undefined);
    trouble = next;
    if (changes) for (const listener of [...listeners]) listener();
  };
  const look = Effect.gen(function* () {
    const found = yield* Effect.promise(() => backendsOn(nc, prefix).catch(() => []));
    const isReplaced = found.some((backend) => backend.id !== id && backend.standsBy === undefined);
    become(isReplaced ? reason() : undefined);
  });
  const standing = Effect.raceFirst(Effect.forever(Effect.andThen(look, Effect.sleep(lookEvery))), until(false));
  yield* until(true).pipe(
    Effect.andThen(standing),
    Effect.andThen(Effect.sync(() => become(undefined))),
    Effect.forever,
    Effect.forkScoped,
  );
  const absence: Absence = {
    get trouble() {
      return trouble;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { absence, reason };
});
