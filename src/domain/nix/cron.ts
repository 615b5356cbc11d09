import { Result } from "effect";

/** What one field of a cron expression allows. */
interface Field {
  /** Sorted, without repetition. */
  readonly values: ReadonlyArray<number>;
  /** It begins with `*`, which decides how the two day fields combine. */
  readonly unrestricted: boolean;
  /** It allows every value that there is. */
  readonly full: boolean;
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const systemdWeekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const ascending = (values: Iterable<number>): ReadonlyArray<number> =>
  [...new Set(values)].sort((left, right) => left - right);

/** Reads `*`, `a`, `a-b`, each range with an optional `/step`, in a list; undefined where it is none of these. */
const parseField = (
  text: string,
  first: number,
  last: number,
  names: ReadonlyArray<string> = [],
): Field | undefined => {
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
const parseWeekdays = (text: string): Field | undefined => {
  const field = parseField(text.replaceAll("*", "0-6"), 0, 7, weekdayNames);
  if (field === undefined) return undefined;
  const values = ascending(field.values.map((day) => day % 7));
  return { values, unrestricted: text.startsWith("*"), full: values.length === 7 };
};

/** Values as systemd writes them: `*` for all, else two digits each, runs of three and more as `a..b`. */
const component = ({ values, full }: Field): string => {
  if (full) return "*";
  const runs: Array<Array<number>> = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  const digits = (value: number | undefined): string => String(value).padStart(2, "0");
  return runs
    .map((run) => (run.length < 3 ? run.map(digits).join(",") : `${digits(run[0])}..${digits(run.at(-1))}`))
    .join(",");
};

const weekdayComponent = ({ values, full }: Field): string =>
  full ? "" : `${values.map((day) => systemdWeekdays[day]).join(",")} `;

/**
 * The `OnCalendar` expressions (systemd.time(7)) that together elapse exactly when a five-field cron expression
 * matches: one, or two where both day fields are restricted, since cron then runs on days that match either (crontab(5);
 * a field that begins with `*` is not restricted). Fails with a message where the expression is not one.
 */
export const calendars = (expression: string): Result.Result<ReadonlyArray<string>, string> => {
  const fields = expression.trim().split(/\s+/);
  const [minuteText = "", hourText = "", dayText = "", monthText = "", weekdayText = ""] = fields;
  const minutes = parseField(minuteText, 0, 59);
  const hours = parseField(hourText, 0, 23);
  const days = parseField(dayText, 1, 31);
  const months = parseField(monthText, 1, 12, monthNames);
  const weekdays = parseWeekdays(weekdayText);
  if (fields.length !== 5 || !minutes || !hours || !days || !months || !weekdays)
    return Result.fail(`"${expression}" is not a five-field cron expression such as "30 1 * * *"`);

  const time = `${component(hours)}:${component(minutes)}:00`;
  const month = component(months);
  const weekday = weekdayComponent(weekdays);
  const day = component(days);
  if (days.unrestricted || weekdays.unrestricted) return Result.succeed([`${weekday}*-${month}-${day} ${time}`]);
  if (days.full || weekdays.full) return Result.succeed([`*-${month}-* ${time}`]);
  return Result.succeed([`*-${month}-${day} ${time}`, `${weekday}*-${month}-* ${time}`]);
};
