import { Schema } from "effect";

/**
 * A moment of a hybrid logical clock: wall time in UTC with milliseconds, and a counter for what happens within one, or
 * while the wall clock is behind. Sorts as text in the order of causes. After Kulkarni et al., "Logical Physical
 * Clocks" (OPODIS 2014).
 */
export const Stamp = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z-[0-9a-f]{5}$/u, {
    expected: "an ISO 8601 moment in UTC with milliseconds, `-`, and five hex digits",
  }),
);
export type Stamp = typeof Stamp.Type;

const counterDigits = 5;
const highestCounter = 16 ** counterDigits - 1;

const stampOf = (instant: string, counter: number): Stamp =>
  `${instant}-${counter.toString(16).padStart(counterDigits, "0")}`;

/** The wall time in a stamp. */
export const instantOf = (stamp: Stamp): string => stamp.slice(0, -counterDigits - 1);

/** Returns the stamp of an event at `now`, after everything up to `last` was seen; `last` is empty if nothing was. */
export const nextStamp = (last: string, now: string): Stamp => {
  if (last === "" || instantOf(last) < now) return stampOf(now, 0);
  const counter = Number.parseInt(last.slice(-counterDigits), 16) + 1;
  return counter <= highestCounter
    ? stampOf(instantOf(last), counter)
    : stampOf(new Date(Date.parse(instantOf(last)) + 1).toISOString(), 0);
};

/** The later one of two stamps, either of which may be empty. */
export const laterStamp = (one: string, other: string): string => (one < other ? other : one);
