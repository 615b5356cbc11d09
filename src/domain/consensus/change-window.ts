import { Schema } from "effect";
import { addSeconds, bounds, NonEmptyList, Text } from "../kernel/mod.ts";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Time zones are those that the runtime knows: names of the IANA database. */
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
 * When activation may begin: on these days, from a time of the day up to another one. A window whose end is not after its
 * beginning ends on the next day. Times are those of its zone, also when its clocks change.
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

/** Returns the day and the minute that a clock of the zone shows. */
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

/** Whether activation may begin at a moment by one window. */
export const isOpen = (window: ChangeWindow, instant: string): boolean => {
  const { day, minute } = localOf(instant, window.timeZone);
  const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
  if (from < to) return window.days.includes(day) && minute >= from && minute < to;
  return (window.days.includes(day) && minute >= from) || (window.days.includes(dayBefore(day)) && minute < to);
};

const dayMinutes = 24 * 60;
/** A window of one day a week may fall into an hour that the clocks skip. */
const horizonMinutes = 15 * dayMinutes;
/** Clocks change by two hours at most. Within this time of an opening every minute is looked at. */
const closely = 120;

/** Returns the first full minute after a moment at which a window is open, or the end of what was looked at. */
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
 * Returns when activation may begin: nothing if it may now, or if there are no windows; otherwise the moment at which the
 * next window opens.
 */
export const nextOpening = (windows: ReadonlyArray<ChangeWindow>, instant: string): string | undefined => {
  if (windows.length === 0 || windows.some((window) => isOpen(window, instant))) return undefined;
  return windows.map((window) => opensAfter(window, instant)).toSorted()[0];
};
