import type { NatsConnection } from "@nats-io/nats-core";
import { Effect } from "effect";
import { StandBy } from "../../application/stand-by.ts";
import { backendsOn } from "./backends.ts";

/** How often a backend that stands by looks for another backend. */
const lookEvery = "2 seconds";

/** A reason to leave a queue group. */
export interface Absence {
  readonly trouble: string | undefined;
  /** Calls `listener` when a trouble begins and when it ends. Returns a function that stops this. */
  readonly onChange: (listener: () => void) => () => void;
}

/**
 * Reports whether another backend answers while the backend `id` stands by. Without this, a backend that stands by
 * would refuse its share of all requests. If it is the only backend, it stays in the queue groups: its refusals say
 * what to do, and silence does not. Two backends that stand by do not replace each other: discovery shows that both
 * stand by.
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
