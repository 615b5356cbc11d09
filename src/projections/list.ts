import { Effect, Schema } from "effect";
import { canonicalJson } from "../domain/kernel/mod.ts";

/** What `list` of every view takes. */
export const ListInput = Schema.Struct({
  /** Each field must equal the document's field, or be in it where that is a list. */
  filter: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(100)),
  ),
  /** Where the page before ended, as it answered. */
  cursor: Schema.optionalKey(Schema.String),
});
export type ListInput = typeof ListInput.Type;

/** A page: `cursor` is there where more may follow. */
export type Page = { readonly items: ReadonlyArray<Schema.Json>; readonly cursor?: string };

const fieldOf = (document: Schema.Json, field: string): Schema.Json | undefined =>
  typeof document === "object" && document !== null && !isList(document) && Object.hasOwn(document, field)
    ? document[field]
    : undefined;

const isList = (value: Schema.Json): value is ReadonlyArray<Schema.Json> => Array.isArray(value);

const matches = (document: Schema.Json, field: string, wanted: string): boolean => {
  const value = fieldOf(document, field);
  if (value === undefined) return false;
  return canonicalJson(value) === wanted || (isList(value) && value.some((item) => canonicalJson(item) === wanted));
};

/**
 * One page of a view's documents in the order of their keys. A cursor is the last key of a page, so paging stays exact
 * while documents come and go: what is there all the time is in exactly one page. `summarize` shows less of each.
 */
export const list = (
  documents: ReadonlyMap<string, Schema.Json>,
  { filter = {}, limit, cursor }: ListInput,
  summarize: (document: Schema.Json) => Schema.Json = (document) => document,
): Page => {
  const wanted = Object.entries(filter).map(([field, value]) => [field, canonicalJson(value)] as const);
  const found = [...documents]
    .filter(([key]) => cursor === undefined || key > cursor)
    .filter(([, document]) => wanted.every(([field, value]) => matches(document, field, value)))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const items = page.map(([, document]) => summarize(document));
  return last === undefined || found.length === page.length ? { items } : { items, cursor: last[0] };
};
