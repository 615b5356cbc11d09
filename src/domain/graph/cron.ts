/** What a field allows; a name stands for its index above `first`. */
interface Field {
  readonly first: number;
  readonly last: number;
  readonly names: ReadonlyArray<string>;
}

const fields: ReadonlyArray<Field> = [
  { first: 0, last: 59, names: [] },
  { first: 0, last: 23, names: [] },
  { first: 1, last: 31, names: [] },
  { first: 1, last: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { first: 0, last: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/** `*` or `a-b`, each with an optional `/step`, or `a`. */
const part = /^(?:(?<any>\*)|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d+))?$/;

const read = (text: string, { first, names }: Field): number => {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return first + index;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
};

const isPart = (text: string, field: Field): boolean => {
  const match = part.exec(text)?.groups;
  if (match === undefined || (match.step !== undefined && Number(match.step) < 1)) return false;
  if (match.any !== undefined) return true;
  const from = read(match.from ?? "", field);
  if (match.to === undefined) return match.step === undefined && field.first <= from && from <= field.last;
  const to = read(match.to, field);
  return field.first <= from && from <= to && to <= field.last;
};

/**
 * Whether a text is a cron expression of five fields: minute, hour, day of month, month, day of week (0 and 7 are
 * Sunday), each a list of numbers, names, ranges and steps, as in crontab(5). Shortcuts such as `@daily` are not.
 */
export const isCronExpression = (text: string): boolean => {
  const texts = text.trim().split(/\s+/);
  return (
    texts.length === fields.length &&
    fields.every((field, index) => (texts[index] ?? "").split(",").every((item) => isPart(item, field)))
  );
};
