/** The values that one field of a cron expression allows. */
export interface CronField {
  /** Sorted and without duplicates. */
  readonly values: ReadonlyArray<number>;
  /** Whether it begins with `*`, which decides how the two day fields combine. */
  readonly unrestricted: boolean;
  /** Whether it allows every possible value. */
  readonly full: boolean;
}

/** A cron expression of five fields. */
export interface Cron {
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly days: CronField;
  readonly months: CronField;
  /** From 0, which is Sunday. */
  readonly weekdays: CronField;
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const ascending = (values: Iterable<number>): ReadonlyArray<number> =>
  [...new Set(values)].sort((left, right) => left - right);

/**
 * Returns the field for a list of `*`, `a` or `a-b`, each range with an optional `/step`; undefined for any other text.
 */
const parseField = (
  text: string,
  first: number,
  last: number,
  names: ReadonlyArray<string> = [],
): CronField | undefined => {
  const read = (value: string): number => {
    const named = names.indexOf(value.toLowerCase());
    return named >= 0 ? named + first : /^\d+$/.test(value) ? Number(value) : Number.NaN;
  };
  const values: Array<number> = [];
  for (const part of text.split(",")) {
    const { range, from, to, step } =
      /^(?<range>\*|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d+))?$/.exec(part)?.groups ?? {};
    if (range === undefined || (step !== undefined && from !== undefined && to === undefined)) return undefined;
    const low = from === undefined ? first : read(from);
    const high = from === undefined ? last : read(to ?? from);
    const stride = Number(step ?? 1);
    if (!(first <= low && low <= high && high <= last && stride >= 1)) return undefined;
    for (let value = low; value <= high; value += stride) values.push(value);
  }
  const sorted = ascending(values);
  return { values: sorted, unrestricted: text.startsWith("*"), full: sorted.length === last - first + 1 };
};

/** Returns the field of days of the week, which count from 0, Sunday. 7 is Sunday too. */
const parseWeekdays = (text: string): CronField | undefined => {
  const field = parseField(text.replaceAll("*", "0-6"), 0, 7, weekdayNames);
  if (field === undefined) return undefined;
  const values = ascending(field.values.map((day) => day % 7));
  return { values, unrestricted: text.startsWith("*"), full: values.length === 7 };
};

/**
 * Returns a cron expression of five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday). Each
 * is a list of numbers, names, ranges and steps, as in crontab(5). Shortcuts such as `@daily` are not supported.
 * Undefined if the text is not a cron expression.
 */
export const parseCron = (text: string): Cron | undefined => {
  const fields = text.trim().split(/\s+/);
  const [minuteText = "", hourText = "", dayText = "", monthText = "", weekdayText = ""] = fields;
  const minutes = parseField(minuteText, 0, 59);
  const hours = parseField(hourText, 0, 23);
  const days = parseField(dayText, 1, 31);
  const months = parseField(monthText, 1, 12, monthNames);
  const weekdays = parseWeekdays(weekdayText);
  if (fields.length !== 5 || !minutes || !hours || !days || !months || !weekdays) return undefined;
  return { minutes, hours, days, months, weekdays };
};

/** Returns whether {@link parseCron} can read a text. */
export const isCronExpression = (text: string): boolean => parseCron(text) !== undefined;
