import { Schema } from "effect";

/** A moment: ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. Sorts as text. */
export const Instant = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u, {
    expected: "an ISO 8601 moment in UTC with milliseconds",
  }),
);

/** Returns the moment `seconds` after `instant`. `seconds` may be fractional. */
export const addSeconds = (instant: string, seconds: number): string =>
  new Date(Date.parse(instant) + Math.round(seconds * 1000)).toISOString();

/** Returns the milliseconds from `from` to `to`; negative if `to` is earlier. */
export const millisecondsBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

/** Seconds, up to ten years, so that every moment computed from them is valid. */
export const Seconds = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 * 365 * 24 * 60 * 60 }));
/** More than 0 seconds. */
export const PositiveSeconds = Seconds.check(Schema.isGreaterThan(0));
