import { Schema } from "effect";

/**
 * A moment of a hybrid logical clock: wall time in UTC with milliseconds, and a counter. The counter orders events
 * within one millisecond, or while the wall clock is behind. Stamps sort as text in causal order. After Kulkarni et
 * al., "Logical Physical Clocks" (OPODIS 2014).
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

/** Returns the wall time in a stamp. */
export const instantOf = (stamp: Stamp): string => stamp.slice(0, -counterDigits - 1);

/** Returns the stamp of an event at `now`, later than all stamps up to `last`. `last` is empty if there are none. */
export const nextStamp = (last: string, now: string): Stamp => {
  if (last === "" || instantOf(last) < now) return stampOf(now, 0);
  const counter = Number.parseInt(last.slice(-counterDigits), 16) + 1;
  return counter <= highestCounter
    ? stampOf(instantOf(last), counter)
    : stampOf(new Date(Date.parse(instantOf(last)) + 1).toISOString(), 0);
};

/** Returns the later of two stamps. Either may be empty. */
export const laterStamp = (one: string, other: string): string => (one < other ? other : one);
