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

/** Returns a test for documents whose field equals the value, or has it in its list. */
const fieldTest = ([field, wanted]: readonly [string, Schema.Json]): ((document: Item) => boolean) => {
  const text = canonicalJson(wanted);
  const isPlain = typeof wanted !== "object";
  const equals = (value: Schema.Json): boolean =>
    isPlain ? value === wanted : typeof value === typeof wanted && canonicalJson(value) === text;
  return (document) => {
    const value = Object.hasOwn(document, field) ? document[field] : undefined;
    return value !== undefined && (equals(value) || (isList(value) && value.some(equals)));
  };
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

/** A document with its key in the view. */
interface Entry<Document> {
  readonly key: string;
  readonly document: Document;
}

/** The order of a list. */
interface Order {
  /** Negative if the left entry comes first. */
  readonly compare: (left: Entry<Item>, right: Entry<Item>) => number;
  /** The place of an entry as a text that sorts as the list does. A page that ends there has it as its cursor. */
  readonly place: (entry: Entry<Item>) => string;
}

const byKey: Order = {
  compare: ({ key: left }, { key: right }) => (left < right ? -1 : left > right ? 1 : 0),
  place: ({ key }) => key,
};

/** Larger than any position of a log, so that a later change sorts earlier. */
const beyond = 10 ** 15;
const positionIn = ({ document: { position } }: Entry<Item>): number => (typeof position === "number" ? position : 0);

const byNewest: Order = {
  compare: (left, right) => positionIn(right) - positionIn(left) || byKey.compare(left, right),
  place: (entry) => `${String(beyond - positionIn(entry)).padStart(16, "0")}.${entry.key}`,
};

/**
 * Returns the first `count` entries in an order, without sorting all of them: a list of 500,000 documents has the same
 * first page as a short one. The rest is dropped whenever twice as many have gathered.
 */
const firstOf = <E extends Entry<Item>>(entries: ReadonlyArray<E>, count: number, { compare }: Order) => {
  let first: Array<E> = [];
  let last: E | undefined;
  for (const entry of entries) {
    if (last !== undefined && compare(entry, last) > 0) continue;
    first.push(entry);
    if (first.length < 2 * count) continue;
    first = first.sort(compare).slice(0, count);
    last = first.at(-1);
  }
  return first.sort(compare).slice(0, count);
};

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
  const tests = Object.entries(filter).map(fieldTest);
  const inOrder = order === "newest" ? byNewest : byKey;
  const found: Array<Entry<Document>> = [];
  documents.forEach((document, key) => {
    if (!tests.every((test) => test(document))) return;
    const entry = { key, document };
    if (cursor === undefined || inOrder.place(entry) > cursor) found.push(entry);
  });
  // Views are filled in the order of the log: the newest documents, which a page wants, are the last.
  if (order === "newest") found.reverse();
  const items: Array<I | Shortened<I>> = [];
  let last = cursor;
  let left = room - pageOverhead;
  for (const entry of firstOf(found, limit, inOrder)) {
    const place = inOrder.place(entry);
    const forItem = left - jsonBytes(place);
    const whole = summarize(entry.document);
    const item = items.length === 0 ? shortened(whole, forItem) : whole;
    const bytes = jsonBytes(item);
    if (items.length > 0 && bytes > forItem) break;
    items.push(item);
    left -= bytes + 1;
    last = place;
  }
  return { items, ...defined({ cursor: found.length === items.length ? undefined : last }) };
};
