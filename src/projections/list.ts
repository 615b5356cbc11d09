import type { Schema } from "effect";
import type { ListInput } from "../contract/views/view.ts";
import { canonicalJson, jsonBytes } from "../domain/kernel/mod.ts";

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

/** Bytes of a page besides its items, their commas and the cursor. */
const pageOverhead = jsonBytes({ items: [], cursor: "" }) - jsonBytes("");

/** A document without its largest fields, as few of them as have to go for it to fit; `leftOut` names them. */
const shortened = (document: Schema.Json, room: number): Schema.Json => {
  if (typeof document !== "object" || document === null || isList(document)) return document;
  let excess = jsonBytes(document) - room;
  if (excess <= 0) return document;
  // The names stay, in another place; the id tells which document it is.
  excess += jsonBytes({ leftOut: [] });
  const sizes = Object.entries(document).map(([field, value]) => ({ field, bytes: jsonBytes(value) }));
  const leftOut: Array<string> = [];
  for (const { field, bytes } of sizes.sort((left, right) => right.bytes - left.bytes)) {
    if (excess <= 0) break;
    if (field === "id") continue;
    leftOut.push(field);
    excess -= bytes;
  }
  const kept = Object.entries(document).filter(([field]) => !leftOut.includes(field));
  return { ...Object.fromEntries(kept), leftOut };
};

/**
 * One page of a view's documents in the order of their keys. A cursor is the last key of a page, so paging stays exact
 * while documents come and go: what is there all the time is in exactly one page. `summarize` shows less of each.
 *
 * A page has no more than `room` bytes as JSON: it ends before the first document that does not fit, and a document
 * that does not fit into a page of its own comes without its largest fields.
 */
export const list = (
  documents: ReadonlyMap<string, Schema.Json>,
  { filter = {}, limit, cursor }: ListInput,
  summarize: (document: Schema.Json) => Schema.Json = (document) => document,
  room = Number.POSITIVE_INFINITY,
): Page => {
  const wanted = Object.entries(filter).map(([field, value]) => [field, canonicalJson(value)] as const);
  const found = [...documents]
    .filter(([key]) => cursor === undefined || key > cursor)
    .filter(([, document]) => wanted.every(([field, value]) => matches(document, field, value)))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const items: Array<Schema.Json> = [];
  let last = cursor;
  let left = room - pageOverhead;
  for (const [key, document] of found.slice(0, limit)) {
    const forItem = left - jsonBytes(key);
    const item = items.length === 0 ? shortened(summarize(document), forItem) : summarize(document);
    const bytes = jsonBytes(item);
    if (items.length > 0 && bytes > forItem) break;
    items.push(item);
    left -= bytes + 1;
    last = key;
  }
  return found.length === items.length || last === undefined ? { items } : { items, cursor: last };
};
