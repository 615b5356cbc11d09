import { Schema } from "effect";
import { addSeconds, bounds, NonEmptyList, Text } from "../kernel/mod.ts";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Accepts the time zones that the runtime knows by their IANA names. */
const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
};

const TimeOfDay = Schema.String.check(
  Schema.isPattern(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, { expected: 'a time of the day, such as "22:00"' }),
);

/**
 * When activation may begin: on these days, between two times of day. If the end is not after the beginning, the window
 * ends on the next day. The times are local to the zone, also across changes of its clocks.
 */
export const ChangeWindow = Schema.Struct({
  days: NonEmptyList(Schema.Literals(days), days.length).check(Schema.isUnique()),
  from: TimeOfDay,
  to: TimeOfDay,
  timeZone: Text(bounds.name).check(
    Schema.makeFilter(isTimeZone, { expected: 'a time zone of the IANA database, such as "Europe/Berlin"' }),
  ),
});
export type ChangeWindow = typeof ChangeWindow.Type;

type Day = (typeof days)[number];

interface Local {
  readonly day: Day;
  /** Minutes since midnight. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

const formatFor = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const options = { timeZone, hourCycle: "h23", weekday: "short", hour: "2-digit", minute: "2-digit" } as const;
  const made = new Intl.DateTimeFormat("en-US", options);
  formats.set(timeZone, made);
  return made;
};

/** Returns the day and the minute that a clock in the zone shows. */
const localOf = (instant: string, timeZone: string): Local => {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(new Date(instant))
      .map(({ type, value }) => [type, value]),
  );
  const weekday = (parts.get("weekday") ?? "").toLowerCase();
  return {
    day: days.find((day) => day === weekday) ?? "mon",
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
};

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const dayBefore = (day: Day): Day => days[(days.indexOf(day) + 6) % 7] ?? day;

/** Returns whether a window allows activation to begin at a moment. */
export const isOpen = (window: ChangeWindow, instant: string): boolean => {
  const { day, minute } = localOf(instant, window.timeZone);
  const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
  if (from < to) return window.days.includes(day) && minute >= from && minute < to;
  return (window.days.includes(day) && minute >= from) || (window.days.includes(dayBefore(day)) && minute < to);
};

const dayMinutes = 24 * 60;
/** The search range. It exceeds a week because a weekly window may fall into an hour that the clocks skip. */
const horizonMinutes = 15 * dayMinutes;
/** Clocks change by at most two hours, so every minute this close to an opening is checked. */
const closely = 120;

/** Returns the first full minute after a moment at which a window is open, or the end of the search range. */
const opensAfter = (window: ChangeWindow, instant: string): string => {
  const from = minuteOf(window.from);
  const start = addSeconds(instant, 60 - (Date.parse(instant) % 60_000) / 1000);
  let moment = start;
  for (let minutes = 0; minutes < horizonMinutes; ) {
    if (isOpen(window, moment)) return moment;
    const { minute } = localOf(moment, window.timeZone);
    const left = minute < from ? from - minute : dayMinutes - minute + from;
    minutes += left > closely ? left - closely : 1;
    moment = addSeconds(start, minutes * 60);
  }
  return moment;
};

/**
 * Returns when activation may begin: the next opening of a window; undefined if it may begin now, or if there are no
 * windows.
 */
export const nextOpening = (windows: ReadonlyArray<ChangeWindow>, instant: string): string | undefined => {
  if (windows.length === 0 || windows.some((window) => isOpen(window, instant))) return undefined;
  return windows.map((window) => opensAfter(window, instant)).toSorted()[0];
};
