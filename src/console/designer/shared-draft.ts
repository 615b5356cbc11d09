import type { Schema } from "effect";
import * as Y from "yjs";
import { defined, isSameJson } from "../../domain/kernel/mod.ts";
import { type Draft, type Fields, identityOf, textOf } from "./draft.ts";

type Shared = Y.Map<Schema.Json>;

const nodesIn = (doc: Y.Doc): Y.Array<Shared> => doc.getArray("nodes");
const edgesIn = (doc: Y.Doc): Y.Array<Shared> => doc.getArray("edges");
const headIn = (doc: Y.Doc): Shared => doc.getMap("head");

/** The origin of changes that are made here, and can be taken back here. */
export const here = "here";

const sharedOf = (fields: Fields): Shared => {
  const shared = new Y.Map<Schema.Json>();
  for (const name of Object.keys(fields).sort()) {
    const value = fields[name];
    if (value !== undefined) shared.set(name, value);
  }
  return shared;
};

/** The client that all pages begin a draft as, so that the beginning of each is the same one, and not one more. */
const beginning = 1;

/** A draft as several people edit it, from a version of a graph: the same beginning in every browser. */
export const beginShared = (draft: Draft, version: number): Y.Doc => {
  const seed = new Y.Doc({ gc: false });
  seed.clientID = beginning;
  seed.transact(() => {
    headIn(seed).set("version", version);
    if (draft.description !== undefined) headIn(seed).set("description", draft.description);
    nodesIn(seed).insert(0, draft.nodes.map(sharedOf));
    edgesIn(seed).insert(0, draft.edges.map(sharedOf));
  });
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(seed));
  return doc;
};

/** The draft that a shared one says now. */
export const draftIn = (doc: Y.Doc, id: string): Draft => {
  const description = headIn(doc).get("description");
  return defined({
    id,
    description: typeof description === "string" ? description : undefined,
    nodes: nodesIn(doc).map((node) => node.toJSON() as Fields),
    edges: edgesIn(doc).map((edge) => edge.toJSON() as Fields),
  });
};

/** The version of the graph that a shared draft stands against. */
export const versionIn = (doc: Y.Doc): number => Number(headIn(doc).get("version") ?? 0);

/** Sets what differs, field by field: what another one edits beside it stays. */
const writeFields = (shared: Shared, fields: Fields): void => {
  for (const name of [...shared.keys()]) if (fields[name] === undefined) shared.delete(name);
  for (const [name, value] of Object.entries(fields)) {
    const before = shared.get(name);
    if (before === undefined || !isSameJson(before, value)) shared.set(name, value);
  }
};

/**
 * Which element of a list each of the next one was: the one of the same name; else the one at the same place, if all
 * the others are in theirs. So a new name for a node is a change of a field.
 */
const matches = (
  before: ReadonlyArray<Fields>,
  next: ReadonlyArray<Fields>,
  nameOf: (fields: Fields) => string,
): ReadonlyArray<number | undefined> => {
  const byName = new Map<string, Array<number>>();
  before.forEach((fields, index) => {
    byName.set(nameOf(fields), [...(byName.get(nameOf(fields)) ?? []), index]);
  });
  const found = next.map((fields) => byName.get(nameOf(fields))?.shift());
  const areInPlace = before.length === next.length && found.every((index, at) => index === undefined || index === at);
  return areInPlace ? found.map((_, at) => at) : found;
};

const writeList = (list: Y.Array<Shared>, next: ReadonlyArray<Fields>, nameOf: (fields: Fields) => string): void => {
  const before = list.map((one) => one.toJSON() as Fields);
  const was = matches(before, next, nameOf);
  const kept = new Set(was);
  const shared = list.toArray();
  for (let index = before.length - 1; index >= 0; index -= 1) if (!kept.has(index)) list.delete(index, 1);
  next.forEach((fields, index) => {
    const old = was[index];
    const there = old === undefined ? undefined : shared[old];
    if (there === undefined) list.insert(Math.min(index, list.length), [sharedOf(fields)]);
    else writeFields(there, fields);
  });
};

/** Makes a shared draft say `next`, by the smallest changes; with `version`, against another version of the graph. */
export const writeDraft = (doc: Y.Doc, next: Draft, version?: number): void =>
  doc.transact(() => {
    const head = headIn(doc);
    if (version !== undefined && head.get("version") !== version) head.set("version", version);
    if (next.description === undefined) head.delete("description");
    else if (head.get("description") !== next.description) head.set("description", next.description);
    writeList(nodesIn(doc), next.nodes, ({ id }) => textOf(id));
    writeList(edgesIn(doc), next.edges, identityOf);
  }, here);

/** Takes back what was done here, and nothing that others did. */
export const undoOf = (doc: Y.Doc): Y.UndoManager =>
  new Y.UndoManager([nodesIn(doc), edgesIn(doc), headIn(doc)], {
    trackedOrigins: new Set([here]),
    captureTimeout: 1_000,
  });

/** The name of a new draft against a version of a graph: it says both, so that every browser can begin it. */
export const newDraftId = (graph: string, version: number, chance: number): string =>
  `${graph.slice(0, 90)}-v${version}-${Math.floor(chance * 36 ** 6)
    .toString(36)
    .padStart(6, "0")}`;

/** The graph and the version that a draft began with; undefined if this is no name of a draft. */
export const beginningOf = (draft: string): { readonly graph: string; readonly version: number } | undefined => {
  const [, graph, version] = /^([A-Za-z0-9_-]{1,90})-v([1-9]\d{0,8})-[a-z0-9]{6}$/.exec(draft) ?? [];
  return graph === undefined ? undefined : { graph, version: Number(version) };
};
