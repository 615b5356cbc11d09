/** What one field of a cron expression allows. */
export interface CronField {
  /** Sorted, without repetition. */
  readonly values: ReadonlyArray<number>;
  /** It begins with `*`, which decides how the two day fields combine. */
  readonly unrestricted: boolean;
  /** It allows every value that there is. */
  readonly full: boolean;
}

/** A cron expression of five fields. */
export interface Cron {
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly days: CronField;
  readonly months: CronField;
  /** From 0, Sunday. */
  readonly weekdays: CronField;
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const ascending = (values: Iterable<number>): ReadonlyArray<number> =>
  [...new Set(values)].sort((left, right) => left - right);

/** Reads `*`, `a`, `a-b`, each range with an optional `/step`, in a list; undefined if it is none of these. */
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

/** Days of the week count from 0, Sunday, which is 7 too. */
const parseWeekdays = (text: string): CronField | undefined => {
  const field = parseField(text.replaceAll("*", "0-6"), 0, 7, weekdayNames);
  if (field === undefined) return undefined;
  const values = ascending(field.values.map((day) => day % 7));
  return { values, unrestricted: text.startsWith("*"), full: values.length === 7 };
};

/**
 * Reads a cron expression of five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday), each a
 * list of numbers, names, ranges and steps, as in crontab(5). Shortcuts such as `@daily` are not. Undefined if the
 * text is not one.
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

/** Whether a text is a cron expression that {@link parseCron} reads. */
export const isCronExpression = (text: string): boolean => parseCron(text) !== undefined;
