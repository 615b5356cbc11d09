import { Result, Schema } from "effect";
import { canonicalJson, jsonBytes, Principal, type Rejection, refuse } from "../kernel/mod.ts";

/**
 * How far a value of the context reaches: one turn, one participant, the dialog, every dialog of its topic, every
 * dialog. If two scopes have a key, the nearer one wins.
 */
export const ContextScope = Schema.Literals(["turn", "participant", "dialog", "topic", "global"]);
export type ContextScope = typeof ContextScope.Type;

/** What becomes of a key that is set again. */
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

/** A key, or the beginning of keys and a star: `web.*`. */
export const KeyPattern = Schema.String.check(
  Schema.isPattern(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,127}\*?|\*)$/u, { expected: "a key, or its beginning and a *" }),
);

/** A value and who set it. `order` is its place in the log; newest and oldest go by it. */
export const ContextEntry = Schema.Struct({ value: Schema.Json, by: Principal, order: Schema.Int });
export type ContextEntry = typeof ContextEntry.Type;

/** A context of one scope. */
export const ContextEntries = Schema.Record(ContextKey, ContextEntry);
export type ContextEntries = typeof ContextEntries.Type;

/** Values that are set; null removes a key. */
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
 * Returns one value for two of the same key. It does not matter which of them is given first: each carries its order in
 * the log. So a view that reads two dialogs' events in another order ends with the same context.
 * `union` reads a value that is not a list as a list of one. `reject-on-conflict` fails if the values differ.
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

/** Returns what a record itself has under a key. Users choose the keys, and may choose `constructor`. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Returns the keys that a change would contradict. */
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
 * Returns a context after a change. A value that contradicts the context is left out: the first in the log stands. A
 * dialog refuses such a value at once, so this happens only if two dialogs set a shared context at the same moment.
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

/**
 * The keys that a participant gets: those that `allow` names (all, if it is absent), without those that `deny` names.
 */
export interface ContextFilter {
  readonly allow?: ReadonlyArray<string>;
  readonly deny?: ReadonlyArray<string>;
}

const fits = (key: string) => (pattern: string) =>
  pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

/** Whether a participant gets a key. */
export const passes = ({ allow, deny = [] }: ContextFilter, key: string): boolean =>
  (allow === undefined || allow.some(fits(key))) && !deny.some(fits(key));

/** Returns the values of a context, without who set them. */
export const valuesOf = (entries: Readonly<Record<string, SetValue>>): ContextValues =>
  Object.fromEntries(Object.entries(entries).map(([key, { value }]) => [key, value]));

/**
 * The most bytes of JSON that the context of one scope may have. Every turn carries the contexts of all scopes, and has
 * to fit into one message with them.
 */
export const maxContextBytes = 64 * 1024;

/**
 * Returns what a participant gets of `scopes`, which come with the farthest first: a nearer value replaces a farther.
 */
export const propagated = <T>(
  filter: ContextFilter,
  scopes: ReadonlyArray<Readonly<Record<string, T>>>,
): Readonly<Record<string, T>> =>
  Object.fromEntries(scopes.flatMap((values) => Object.entries(values)).filter(([key]) => passes(filter, key)));

/** A value and who set it, without its place in the log. */
export type SetValue = Pick<ContextEntry, "value" | "by">;

/** The same values, as `by` sets them now. */
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

/** Refuses values that contradict what the context has; `instead` names what else can be done. */
export const contradiction = (
  id: string,
  entries: ContextEntries,
  change: Omit<ContextChange, "order">,
  instead: string,
): Result.Result<never, Rejection> | undefined => {
  const keys = conflictsOf(entries, { ...change, order: 0 });
  if (keys.length === 0) return undefined;
  const named = keys.map((key) => `\`${key}\``).join(", ");
  return refuse("context-conflict", `dialog \`${id}\`: ${named} has another value already; ${instead}`, { keys });
};

/** Refuses a context of more than {@link maxContextBytes}. */
export const tooLarge = (
  id: string,
  scope: ContextScope,
  bytes: number,
): Result.Result<never, Rejection> | undefined =>
  bytes <= maxContextBytes
    ? undefined
    : refuse(
        "too-large",
        `dialog \`${id}\`: the context of the scope ${scope} would have ${bytes} bytes of JSON, and may have ${maxContextBytes}; remove keys with null first, or keep the value elsewhere and set where it is`,
        { scope, bytes, limit: maxContextBytes },
      );

/** Returns the bytes of JSON that a context has after a change that is the newest. */
export const sizeAfter = (entries: ContextEntries, change: Omit<ContextChange, "order">): number =>
  jsonBytes(valuesOf(changed(entries, { ...change, order: Number.MAX_SAFE_INTEGER })));
