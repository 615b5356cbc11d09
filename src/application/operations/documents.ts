import { Effect, type Schema } from "effect";
import type { ListInput } from "../../contract/views/view.ts";
import { canonicalJson, defined, jsonBytes } from "../../domain/kernel/mod.ts";
import { notFound } from "../command-error.ts";
import type { Documents } from "../live-view.ts";

/** Answers `get` with one document of a view. Refuses with `not-found` if no such `thing` exists. */
export const getDocument =
  (thing: string) =>
  <Document extends Schema.Json>({ id }: { readonly id: string }, documents: Documents<Document>) => {
    const document = documents.get(id);
    return document === undefined ? Effect.fail(notFound(thing, id)) : Effect.succeed(document);
  };

/** Answers `list` with one page of the documents of a view. */
export const listDocuments = <Document extends Item>(input: ListInput, documents: Documents<Document>, room: number) =>
  Effect.succeed(pageOf(documents, input, (document) => document, room));

/** An item of a list. */
type Item = { readonly id: string; readonly [field: string]: Schema.Json };

/** An item without its largest fields. */
type Shortened<I extends Item> = Item & Partial<Omit<I, "id">> & { readonly leftOut: ReadonlyArray<string> };

const isList = (value: Schema.Json): value is ReadonlyArray<Schema.Json> => Array.isArray(value);

const matches = (document: Item, field: string, wanted: string): boolean => {
  const value = Object.hasOwn(document, field) ? document[field] : undefined;
  if (value === undefined) return false;
  return canonicalJson(value) === wanted || (isList(value) && value.some((item) => canonicalJson(item) === wanted));
};

/** Bytes of a page besides its items, their commas and the cursor. */
const pageOverhead = jsonBytes({ items: [], cursor: "" }) - jsonBytes("");

/**
 * Returns an item that fits, without its largest fields if necessary. It leaves out as few as possible, and `leftOut`
 * names them.
 */
const shortened = <I extends Item>(item: I, room: number): I | Shortened<I> => {
  let excess = jsonBytes(item) - room;
  if (excess <= 0) return item;
  // The names of the fields still take room, in `leftOut`.
  excess += jsonBytes({ leftOut: [] });
  const sizes = Object.entries(item).map(([field, value]) => ({ field, bytes: jsonBytes(value) }));
  const leftOut: Array<string> = [];
  for (const { field, bytes } of sizes.sort((left, right) => right.bytes - left.bytes)) {
    if (excess <= 0) break;
    if (field === "id") continue;
    leftOut.push(field);
    excess -= bytes;
  }
  const kept = Object.fromEntries(Object.entries(item).filter(([field]) => !leftOut.includes(field)));
  const short: object = { ...kept, leftOut };
  return short as Shortened<I>;
};

/**
 * The place of a document in its list, as a text that sorts like the list. It is also the cursor of a page that ends
 * there.
 */
type Place = (key: string, document: Item) => string;

const byKey: Place = (key) => key;

/** Larger than any position of a log, so that a later change sorts earlier. */
const beyond = 10 ** 15;

const byNewest: Place = (key, { position }) =>
  `${String(beyond - (typeof position === "number" ? position : 0)).padStart(16, "0")}.${key}`;

/**
 * Returns one page of a view's documents, in the order of their keys or by latest change. The cursor is the place of a
 * page's last document, so paging stays exact while documents come and go. A document that exists all the time and
 * keeps its place is on exactly one page. `summarize` reduces each document for the list.
 *
 * A page has at most `room` bytes as JSON. It ends before the first document that does not fit. A document that does
 * not fit into a page of its own loses its largest fields.
 */
export const pageOf = <Document extends Item, I extends Item>(
  documents: Documents<Document>,
  { filter = {}, limit, order, cursor }: ListInput,
  summarize: (document: Document) => I,
  room: number,
) => {
  const wanted = Object.entries(filter).map(([field, value]) => [field, canonicalJson(value)] as const);
  const placeOf = order === "newest" ? byNewest : byKey;
  const found = [...documents]
    .map(([key, document]) => [placeOf(key, document), document] as const)
    .filter(([place]) => cursor === undefined || place > cursor)
    .filter(([, document]) => wanted.every(([field, value]) => matches(document, field, value)))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const items: Array<I | Shortened<I>> = [];
  let last = cursor;
  let left = room - pageOverhead;
  for (const [place, document] of found.slice(0, limit)) {
    const forItem = left - jsonBytes(place);
    const whole = summarize(document);
    const item = items.length === 0 ? shortened(whole, forItem) : whole;
    const bytes = jsonBytes(item);
    if (items.length > 0 && bytes > forItem) break;
    items.push(item);
    left -= bytes + 1;
    last = place;
  }
  return { items, ...defined({ cursor: found.length === items.length ? undefined : last }) };
};
