import { diff, type GraphChange } from "../../../domain/graph/changes.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { type Edge, edgeIdentity } from "../../../domain/graph/edge.ts";
import { type Fields, isFields } from "../../../domain/graph/survey.ts";
import type { Output } from "../output.ts";
import { countText } from "../text.ts";

type Change<T extends GraphChange["type"]> = Extract<GraphChange, { readonly type: T }>;

const ofType = <T extends GraphChange["type"]>(changes: ReadonlyArray<GraphChange>, type: T) =>
  changes.filter((change): change is Change<T> => change.type === type);

const json = (value: unknown): string => JSON.stringify(value);

/** The fields in which two objects differ, with the values of both; those of objects within them by a path. */
const fieldLines = (before: Fields, after: Fields, path = ""): ReadonlyArray<string> =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
    const [old, young] = [before[name], after[name]];
    if (json(old) === json(young)) return [];
    if (isFields(old) && isFields(young)) return fieldLines(old, young, `${path}${name}.`);
    if (old === undefined) return [`    + ${path}${name}: ${json(young)}`];
    if (young === undefined) return [`    - ${path}${name}: ${json(old)}`];
    return [`    ~ ${path}${name}: ${json(old)} → ${json(young)}`];
  });

const endsText = ({ from, to, type }: Edge): string => `${from} ${type} ${to}`;

/** What an edge says besides what it joins. */
const detailsText = ({ from: _from, to: _to, type: _type, id: _id, ...fields }: Edge): string =>
  Object.keys(fields).length === 0 ? "" : ` ${json(fields)}`;

/** The sum of changes in words: `1 node added, 2 edges changed`. */
const totalText = (counts: ReadonlyArray<readonly [count: number, thing: "node" | "edge", what: string]>): string =>
  counts
    .filter(([count]) => count > 0)
    .map(([count, thing, what]) => `${countText(count, thing)} ${what}`)
    .join(", ");

/**
 * What turns one graph into another, for people: new and removed nodes and edges, each changed field with its old and new
 * value, and the sum of it. No lines if nothing changes.
 */
export const diffLines = (
  before: GraphDocument,
  after: GraphDocument,
  output: Pick<Output, "style">,
): ReadonlyArray<string> => {
  const changes = diff(before, after);
  if (changes.length === 0) return [];
  const line = (sign: "+" | "-" | "~", text: string) =>
    output.style(sign === "+" ? "green" : sign === "-" ? "red" : "yellow", `${sign} ${text}`);
  const oldNodes = new Map(before.nodes.map((node) => [node.id, node]));
  const oldEdges = new Map(before.edges.map((edge) => [edgeIdentity(edge), edge]));
  const [removed, added] = [ofType(changes, "remove-node"), ofType(changes, "add-node")];
  const updated = ofType(changes, "update-node");
  const disconnected = new Set(ofType(changes, "disconnect").map(({ id }) => id));
  const connected = ofType(changes, "connect").map(({ edge }) => edge);
  const replaced = connected.filter((edge) => disconnected.has(edgeIdentity(edge)));
  const fresh = connected.filter((edge) => !disconnected.has(edgeIdentity(edge)));
  for (const edge of replaced) disconnected.delete(edgeIdentity(edge));
  return [
    ...removed.map(({ id }) => line("-", `node ${id} (${oldNodes.get(id)?.type})`)),
    ...added.map(({ node: { id, type, ...fields } }) => line("+", `node ${id} (${type}) ${json(fields)}`)),
    ...updated.flatMap(({ id, changes: fields }) => {
      const old: Fields = { ...oldNodes.get(id) };
      const named = Object.keys(fields);
      const young = Object.fromEntries(named.flatMap((name) => (fields[name] === null ? [] : [[name, fields[name]]])));
      const was = Object.fromEntries(named.flatMap((name) => (old[name] === undefined ? [] : [[name, old[name]]])));
      return [line("~", `node ${id} (${old.type})`), ...fieldLines(was, young)];
    }),
    ...[...disconnected].map((id) => line("-", `edge ${id}`)),
    ...fresh.map((edge) => line("+", `edge ${endsText(edge)}${detailsText(edge)}`)),
    ...replaced.flatMap((edge) => [
      line("~", `edge ${endsText(edge)}`),
      ...fieldLines({ ...oldEdges.get(edgeIdentity(edge)) }, { ...edge }),
    ]),
    totalText([
      [removed.length, "node", "removed"],
      [added.length, "node", "added"],
      [updated.length, "node", "changed"],
      [disconnected.size, "edge", "removed"],
      [fresh.length, "edge", "added"],
      [replaced.length, "edge", "changed"],
    ]),
  ];
};
