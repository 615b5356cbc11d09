import { type CronField, parseCron } from "../../graph/cron.ts";

const systemdWeekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/**
 * Returns values in the form of systemd: `*` for all, otherwise two digits each, and runs of three or more as `a..b`.
 */
const component = ({ values, full }: CronField): string => {
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

const weekdayComponent = ({ values, full }: CronField): string =>
  full ? "" : `${values.map((day) => systemdWeekdays[day]).join(",")} `;

/**
 * Returns the `OnCalendar` expressions (systemd.time(7)) that together elapse exactly when a five-field cron expression
 * matches; none if the text is not a cron expression. Usually there is one. If both day fields are restricted there are
 * two, because cron then runs on days that match either field. A field that begins with `*` is not restricted
 * (crontab(5)).
 */
export const calendars = (expression: string): ReadonlyArray<string> => {
  const cron = parseCron(expression);
  if (cron === undefined) return [];
  const { minutes, hours, days, months, weekdays } = cron;
  const time = `${component(hours)}:${component(minutes)}:00`;
  const month = component(months);
  const weekday = weekdayComponent(weekdays);
  const day = component(days);
  if (days.unrestricted || weekdays.unrestricted) return [`${weekday}*-${month}-${day} ${time}`];
  if (days.full || weekdays.full) return [`*-${month}-* ${time}`];
  return [`*-${month}-${day} ${time}`, `${weekday}*-${month}-* ${time}`];
};
