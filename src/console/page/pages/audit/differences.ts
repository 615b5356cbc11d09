/** A difference between two values, at a path of them. */
export interface Difference {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly kind: "added" | "removed" | "changed";
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A map comes as a list of pairs. */
const isPair = (item: unknown): item is readonly [string, unknown] =>
  Array.isArray(item) && item.length === 2 && typeof item[0] === "string";

/** An item of a list with its name: its id or its key, if it has one. */
const named = (item: unknown, index: number): readonly [string, unknown] => {
  if (isPair(item)) return item;
  return [isRecord(item) && typeof item.id === "string" ? item.id : String(index), item];
};

/** A list or a record by the names of its parts; undefined if it is neither. */
const partsOf = (value: unknown): ReadonlyMap<string, unknown> | undefined => {
  if (Array.isArray(value)) return new Map(value.map(named));
  return isRecord(value) ? new Map(Object.entries(value)) : undefined;
};

/**
 * Returns what differs between two values of JSON, by path. Items of lists that have an id or a key are compared by it. At most
 * `most` differences: nobody reads more, and a first import has thousands.
 */
export const differencesOf = (before: unknown, after: unknown, most = 200): ReadonlyArray<Difference> => {
  const found: Array<Difference> = [];
  const compare = (path: string, one: unknown, other: unknown): void => {
    if (found.length >= most || Object.is(one, other)) return;
    const [ones, others] = [partsOf(one), partsOf(other)];
    if (ones === undefined || others === undefined || Array.isArray(one) !== Array.isArray(other)) {
      if (one === undefined) found.push({ path, after: other, kind: "added" });
      else if (other === undefined) found.push({ path, before: one, kind: "removed" });
      else found.push({ path, before: one, after: other, kind: "changed" });
      return;
    }
    for (const name of new Set([...ones.keys(), ...others.keys()]))
      compare(path === "" ? name : `${path}.${name}`, ones.get(name), others.get(name));
  };
  compare("", before, after);
  return found;
};
