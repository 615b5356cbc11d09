import { Result, Schema } from "effect";
import { canonicalJson, jsonBytes, Principal, type Rejection, refuse } from "../kernel/mod.ts";

/**
 * The scope of a context value: one turn, one participant, the dialog, all dialogs of its topic, or all dialogs. If two
 * scopes have the same key, the nearer scope wins.
 */
export const ContextScope = Schema.Literals(["turn", "participant", "dialog", "topic", "global"]);
export type ContextScope = typeof ContextScope.Type;

/** How a new value of an existing key is merged. */
export const Merge = Schema.Literals(["newest", "oldest", "union", "reject-on-conflict"]);
export type Merge = typeof Merge.Type;

/** A key of a context. */
export const ContextKey = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/u, {
    expected: "1-128 characters of A-Z a-z 0-9 . _ -, starting with a letter or digit",
  }),
);

/** Values by key. */
export const ContextValues = Schema.Record(ContextKey, Schema.Json);
export type ContextValues = typeof ContextValues.Type;

/** A key, or a prefix of keys followed by a star: `web.*`. */
export const KeyPattern = Schema.String.check(
  Schema.isPattern(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,127}\*?|\*)$/u, { expected: "a key, or its beginning and a *" }),
);

/** A value and its author. `order` is its position in the log, which decides between newest and oldest. */
export const ContextEntry = Schema.Struct({ value: Schema.Json, by: Principal, order: Schema.Int });
export type ContextEntry = typeof ContextEntry.Type;

/** A context of one scope. */
export const ContextEntries = Schema.Record(ContextKey, ContextEntry);
export type ContextEntries = typeof ContextEntries.Type;

/** A change of values. Null removes a key. */
export interface ContextChange {
  readonly values: ContextValues;
  readonly merge: Merge;
  readonly by: string;
  readonly order: number;
}

const isBefore = (one: ContextEntry, other: ContextEntry): boolean =>
  one.order === other.order ? canonicalJson(one) < canonicalJson(other) : one.order < other.order;

const newer = (one: ContextEntry, other: ContextEntry): ContextEntry => (isBefore(one, other) ? other : one);
const older = (one: ContextEntry, other: ContextEntry): ContextEntry => (isBefore(one, other) ? one : other);

const isList = (value: Schema.Json): value is ReadonlyArray<Schema.Json> => Array.isArray(value);

const items = (value: Schema.Json): ReadonlyArray<Schema.Json> => (isList(value) ? value : [value]);

const unionOf = (...values: ReadonlyArray<Schema.Json>): ReadonlyArray<Schema.Json> => {
  const byText = new Map(values.flatMap(items).map((item) => [canonicalJson(item), item] as const));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item);
};

/**
 * Returns one value for two of the same key. The order of the arguments does not matter, because each value has its
 * order in the log. So a view that reads the events of two dialogs in another order reaches the same context. `union`
 * treats a value that is not a list as a list of one. `reject-on-conflict` fails if the values differ.
 */
export const mergeEntries = (
  merge: Merge,
  one: ContextEntry,
  other: ContextEntry,
): Result.Result<ContextEntry, "conflict"> => {
  switch (merge) {
    case "newest":
      return Result.succeed(newer(one, other));
    case "oldest":
      return Result.succeed(older(one, other));
    case "union":
      return Result.succeed({ ...newer(one, other), value: unionOf(one.value, other.value) });
    case "reject-on-conflict":
      return canonicalJson(one.value) === canonicalJson(other.value)
        ? Result.succeed(older(one, other))
        : Result.fail("conflict");
  }
};

const lifted = (merge: Merge, entry: ContextEntry): ContextEntry =>
  merge === "union" ? { ...entry, value: unionOf(entry.value) } : entry;

/** Returns the own value of a record's key. Users choose the keys, and may choose `constructor`. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Returns the keys with which a change conflicts. */
export const conflictsOf = (
  entries: ContextEntries,
  { values, merge, ...from }: ContextChange,
): ReadonlyArray<string> =>
  Object.entries(values).flatMap(([key, value]) => {
    const before = ownValue(entries, key);
    if (before === undefined || value === null) return [];
    return Result.isFailure(mergeEntries(merge, before, { value, ...from })) ? [key] : [];
  });

/**
 * Returns a context after a change. Conflicting values are ignored: the first in the log stays. A dialog refuses a
 * conflicting value at once. So this happens only if two dialogs set a shared context at the same moment.
 */
export const changed = (entries: ContextEntries, { values, merge, ...from }: ContextChange): ContextEntries => {
  const after = new Map(Object.entries(entries));
  for (const [key, value] of Object.entries(values)) {
    const before = after.get(key);
    const entry = lifted(merge, { value, ...from });
    if (value === null) after.delete(key);
    else if (before === undefined) after.set(key, entry);
    else
      after.set(
        key,
        Result.getOrElse(mergeEntries(merge, before, entry), () => before),
      );
  }
  return Object.fromEntries(after);
};

/** The keys that a participant gets: those in `allow` (all if absent), without those in `deny`. */
export interface ContextFilter {
  readonly allow?: ReadonlyArray<string>;
  readonly deny?: ReadonlyArray<string>;
}

const fits = (key: string) => (pattern: string) =>
  pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

/** Returns whether a participant gets a key. */
export const passes = ({ allow, deny = [] }: ContextFilter, key: string): boolean =>
  (allow === undefined || allow.some(fits(key))) && !deny.some(fits(key));

/** Returns the values of a context, without their authors. */
export const valuesOf = (entries: Readonly<Record<string, SetValue>>): ContextValues =>
  Object.fromEntries(Object.entries(entries).map(([key, { value }]) => [key, value]));

/**
 * The maximum size of one scope's context, in bytes of JSON. Every turn carries the contexts of all scopes, and the
 * whole must fit into one message.
 */
export const maxContextBytes = 64 * 1024;

/**
 * Returns the part of `scopes` that a participant gets. The farthest scope comes first, and nearer values replace
 * farther ones.
 */
export const propagated = <T>(
  filter: ContextFilter,
  scopes: ReadonlyArray<Readonly<Record<string, T>>>,
): Readonly<Record<string, T>> =>
  Object.fromEntries(scopes.flatMap((values) => Object.entries(values)).filter(([key]) => passes(filter, key)));

/** A value and its author, without its position in the log. */
export type SetValue = Pick<ContextEntry, "value" | "by">;

/** Returns the same values as set by `by` now. */
export const setBy = (by: string, values: ContextValues): Readonly<Record<string, SetValue>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, by }]));

/** Returns the keys that each principal has set. */
export const settersOf = (
  entries: Readonly<Record<string, SetValue>>,
): Readonly<Record<string, ReadonlyArray<string>>> => {
  const keys = new Map<string, Array<string>>();
  for (const [key, { by }] of Object.entries(entries)) keys.set(by, [...(keys.get(by) ?? []), key]);
  return Object.fromEntries(keys);
};

/** Refuses values that conflict with the context. `instead` names an alternative. */
export const contradiction = (
  id: string,
  entries: ContextEntries,
  change: Omit<ContextChange, "order">,
  instead: string,
): Result.Result<never, Rejection> | undefined => {
  const keys = conflictsOf(entries, { ...change, order: 0 });
  if (keys.length === 0) return undefined;
  const named = keys.map((key) => `\`${key}\``).join(", ");
  return refuse("context-conflict", `dialog \`${id}\`: ${named} already has another value; ${instead}`, { keys });
};

/** Refuses a context that exceeds {@link maxContextBytes}. */
export const tooLarge = (
  id: string,
  scope: ContextScope,
  bytes: number,
): Result.Result<never, Rejection> | undefined =>
  bytes <= maxContextBytes
    ? undefined
    : refuse(
        "too-large",
        `dialog \`${id}\`: the context of the scope ${scope} would have ${bytes} bytes of JSON, but at most ${maxContextBytes} are allowed; remove keys with null first, or store the value elsewhere and set a reference to it`,
        { scope, bytes, limit: maxContextBytes },
      );

/** Returns the size of a context after the newest change, in bytes of JSON. */
export const sizeAfter = (entries: ContextEntries, change: Omit<ContextChange, "order">): number =>
  jsonBytes(valuesOf(changed(entries, { ...change, order: Number.MAX_SAFE_INTEGER })));
