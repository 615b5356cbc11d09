import type { Schema } from "effect";
import { defined } from "../../domain/kernel/mod.ts";

/** The fields of a node or an edge, right or wrong: what one types must be kept before it makes sense. */
export type Fields = Readonly<Record<string, Schema.Json>>;

/**
 * A graph as it is being edited: the form of a graph document, with fields of any value. Canvas, outline, forms and JSON
 * show and change this one value, so that none of them can be behind another. It never changes; every edit makes another.
 */
export type Draft = {
  readonly id: string;
  readonly description?: string;
  readonly nodes: ReadonlyArray<Fields>;
  readonly edges: ReadonlyArray<Fields>;
};

/** What a node or an edge is called while it is edited. Two of the same name have different keys. */
export type Key = string;

/** A node or an edge, and where it is in the draft. */
export interface Element {
  readonly key: Key;
  readonly kind: "node" | "edge";
  readonly index: number;
  readonly fields: Fields;
}

/** A field of a node or an edge, and what is inside: `["healthCheck", "path"]`, `["args", 1]`. */
export type Path = ReadonlyArray<string | number>;

/** Returns a value as text; the empty text if it is none. */
export const textOf = (value: Schema.Json | undefined): string => (typeof value === "string" ? value : "");

/** What an edge is known by, as {@link edgeIdentity} of the domain says of edges of the right form. */
export const identityOf = ({ id, from, to, type, port, topic }: Fields): string => {
  if (typeof id === "string" && id !== "") return id;
  const base = `${textOf(from)}/${textOf(type)}/${textOf(to)}`;
  const distinction = type === "connects-to" ? port : type === "publishes-to" || type === "subscribes-to" ? topic : "";
  return distinction === undefined || distinction === "" ? base : `${base}/${String(distinction)}`;
};

export const nodeKey = (id: string): Key => `node ${id}`;
export const edgeKey = (identity: string): Key => `edge ${identity}`;

const keyed = (
  kind: Element["kind"],
  all: ReadonlyArray<Fields>,
  keyOf: (fields: Fields) => Key,
): ReadonlyArray<Element> => {
  const seen = new Map<Key, number>();
  return all.map((fields, index) => {
    const key = keyOf(fields);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return { key: times === 1 ? key : `${key}#${times}`, kind, index, fields };
  });
};

/** Everything of a draft by its key, nodes before edges. */
export type Elements = ReadonlyMap<Key, Element>;

const known = new WeakMap<Draft, Elements>();

/** Returns the nodes and edges of a draft by their keys. It is made once a draft. */
export const elementsOf = (draft: Draft): Elements => {
  const found = known.get(draft);
  if (found !== undefined) return found;
  const all = [
    ...keyed("node", draft.nodes, ({ id }) => nodeKey(textOf(id))),
    ...keyed("edge", draft.edges, (edge) => edgeKey(identityOf(edge))),
  ];
  const elements = new Map(all.map((element) => [element.key, element]));
  known.set(draft, elements);
  return elements;
};

/** The element at a place of a draft. */
const elementAt = (draft: Draft, kind: Element["kind"], index: number): Element | undefined =>
  [...elementsOf(draft).values()].find((element) => element.kind === kind && element.index === index);

/** The key that an element has after an edit that added and removed nothing: its name may be another. */
export const keyAfter = (before: Draft, after: Draft, key: Key): Key => {
  const element = elementsOf(before).get(key);
  return (element && elementAt(after, element.kind, element.index)?.key) ?? key;
};

/** A value with the part at a path replaced, or taken out if `value` is undefined. An object left empty goes too. */
const replaced = (
  whole: Schema.Json | undefined,
  [step, ...rest]: Path,
  value: Schema.Json | undefined,
): Schema.Json | undefined => {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(whole) ? [...(whole as ReadonlyArray<Schema.Json>)] : [];
    const inner = replaced(list[step], rest, value);
    if (inner === undefined) list.splice(step, 1);
    else list[step] = inner;
    return list;
  }
  const fields: Record<string, Schema.Json> =
    typeof whole === "object" && whole !== null && !Array.isArray(whole) ? { ...(whole as Fields) } : {};
  const inner = replaced(fields[step], rest, value);
  if (inner === undefined) delete fields[step];
  else fields[step] = inner;
  return fields;
};

const withElement = (draft: Draft, { kind, index }: Element, fields: Fields): Draft =>
  kind === "node"
    ? { ...draft, nodes: draft.nodes.with(index, fields) }
    : { ...draft, edges: draft.edges.with(index, fields) };

/** Edges lead where they led, under the new name of a node. */
const renamed = (draft: Draft, from: string, to: string): Draft => {
  // Another node of that name keeps its edges.
  if (from === "" || draft.nodes.some(({ id }) => id === from)) return draft;
  const end = (id: Schema.Json | undefined): Schema.Json => (id === from ? to : (id ?? ""));
  const edges = draft.edges.map((edge) =>
    edge.from === from || edge.to === from ? { ...edge, from: end(edge.from), to: end(edge.to) } : edge,
  );
  return { ...draft, edges };
};

/** The draft with a field of a node or an edge set, or left out if `value` is undefined. */
export const withField = (draft: Draft, key: Key, path: Path, value: Schema.Json | undefined): Draft => {
  const element = elementsOf(draft).get(key);
  if (element === undefined) return draft;
  const next = withElement(draft, element, replaced(element.fields, path, value) as Fields);
  const isName = element.kind === "node" && path.length === 1 && path[0] === "id";
  return isName ? renamed(next, textOf(element.fields.id), textOf(value)) : next;
};

/** The draft with another description, or with none. */
export const withDescription = ({ description: _, ...draft }: Draft, description: string): Draft => ({
  ...draft,
  ...defined({ description: description === "" ? undefined : description }),
});

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isListOfFields = (value: unknown): value is ReadonlyArray<Fields> =>
  Array.isArray(value) && value.every(isFields);

/** Reads a JSON value as a draft of a graph. Returns in words why it cannot be one. */
export const draftOf = (id: string, value: unknown): { readonly draft: Draft } | { readonly fault: string } => {
  if (!isFields(value)) return { fault: "a graph is an object with `id`, `nodes` and `edges`" };
  const { id: given, description, nodes, edges, ...others } = value;
  const [other] = Object.keys(others);
  if (other !== undefined) return { fault: `a graph has no field \`${other}\`: take it out` };
  if (given !== id) return { fault: `\`id\` is the name of the graph, and stays \`${id}\`` };
  if (description !== undefined && typeof description !== "string") return { fault: "`description` is a text" };
  if (!isListOfFields(nodes)) return { fault: "`nodes` is a list of objects" };
  if (!isListOfFields(edges)) return { fault: "`edges` is a list of objects" };
  return { draft: defined({ id, description, nodes, edges }) };
};
