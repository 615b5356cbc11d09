import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A moment that an option names: an ISO 8601 date or time, or how long ago (`90s`, `10m`, `2h`, `1d`). */
export const moment = (text: string, now: number = Date.now()): string => {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const time = amount === undefined ? isoTime(text) : now - Number(amount) * (units[unit] ?? 1) * 1000;
  if (Number.isNaN(time) || Math.abs(time) > 8.64e15)
    throw new InvalidArgumentError("It must be a moment such as 2026-11-23T20:15:00Z, or how long ago, such as 10m.");
  return new Date(time).toISOString();
};

/** `Date.parse` takes much that nobody means; only ISO 8601 is meant here. */
const isoTime = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;

/** Milliseconds for people: `85 ms`, `1.2 s`, `2 min 5 s`. */
export const durationText = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
