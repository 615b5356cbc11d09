import { Result, Schema } from "effect";
import { canonicalJson, Principal } from "../kernel/mod.ts";

/**
 * How far a value of the context reaches: one turn, one participant, the dialog, every dialog of its topic, every
 * dialog. The nearer scope wins where two have a key.
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

/** A value and where it comes from; `order` is its place in the log, and what newest and oldest go by. */
export const ContextEntry = Schema.Struct({ value: Schema.Json, by: Principal, order: Schema.Int });
export type ContextEntry = typeof ContextEntry.Type;

/** A context of one scope. */
export const ContextEntries = Schema.Record(ContextKey, ContextEntry);
export type ContextEntries = typeof ContextEntries.Type;

/** A value that is set: null removes the key. */
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
 * Two values of one key as one. Which of them is given first does not matter: their order in the log is in them.
 * `union` reads a value that is no list as a list of one. Fails where `reject-on-conflict` finds two values.
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

/** What a record has under a key; keys are what users name, `constructor` among them. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** The keys that a change would contradict. */
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
 * A context after a change. What contradicts it is left out: the first in the log stands. A dialog refuses that at once;
 * it can only happen where two dialogs set a shared context at the same moment.
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

/** Which keys a participant gets: those that `allow` names (all, without it), and not those that `deny` names. */
export interface ContextFilter {
  readonly allow?: ReadonlyArray<string>;
  readonly deny?: ReadonlyArray<string>;
}

const fits = (key: string) => (pattern: string) =>
  pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

/** Whether a participant gets a key. */
export const passes = ({ allow, deny = [] }: ContextFilter, key: string): boolean =>
  (allow === undefined || allow.some(fits(key))) && !deny.some(fits(key));

/** The values of a context. */
export const valuesOf = (entries: ContextEntries): ContextValues =>
  Object.fromEntries(Object.entries(entries).map(([key, { value }]) => [key, value]));

/**
 * The most that a context of one scope may have, in bytes of JSON: every turn carries those of all scopes, and has to fit
 * into a message with them.
 */
export const maxContextBytes = 64 * 1024;

/** What a participant gets: the values of all scopes, farthest first, each replaced by a nearer one; and filtered. */
export const propagated = (filter: ContextFilter, scopes: ReadonlyArray<ContextValues>): ContextValues =>
  Object.fromEntries(scopes.flatMap((values) => Object.entries(values)).filter(([key]) => passes(filter, key)));
