import { type Schema, Struct } from "effect";
import { canonicalJson } from "../kernel/mod.ts";
import { withoutImpliedId } from "./canonical.ts";
import type { GraphDocument } from "./document.ts";
import { edgeIdentity } from "./edge.ts";

/** A statement of a graph: a node or an edge exists, or a field of a node has a value. */
interface Statement {
  readonly value: string;
  /** The node of a field. */
  readonly of?: string;
}

const nodeName = (id: string): string => `node \`${id}\``;

const statements = ({ nodes, edges }: GraphDocument): ReadonlyMap<string, Statement> => {
  const said = new Map<string, Statement>();
  for (const node of nodes) {
    const { id, ...rest } = node;
    const fields: Readonly<Record<string, Schema.Json>> = { ...rest };
    said.set(nodeName(id), { value: "" });
    for (const [name, value] of Object.entries(fields))
      said.set(`\`${name}\` of \`${id}\``, { value: canonicalJson(value), of: nodeName(id) });
  }
  for (const edge of edges) {
    const fields = Struct.omit(withoutImpliedId(edge), ["id", "from", "type", "to"]);
    const value = Object.keys(fields).length === 0 ? "" : canonicalJson(fields);
    said.set(`edge \`${edgeIdentity(edge)}\``, { value });
  }
  return said;
};

/** The number of characters of a value that are shown. */
const valueLength = 60;

const shown = (statement: Statement | undefined): string => {
  if (statement === undefined) return "is not there";
  const { value } = statement;
  if (value === "") return "is there";
  const letters = [...value];
  return `is ${letters.length > valueLength ? `${letters.slice(0, valueLength).join("")}…` : value}`;
};

/** A change that a vote made to a graph: the graph before and after it. */
export interface Amendment {
  readonly before: GraphDocument;
  readonly after: GraphDocument;
}

/**
 * Returns in words what a vote added to a graph, the graph still has, and `next` would remove. An example is the import
 * of a file from before the vote. Without this check, a person who does not know of the vote would undo its result.
 */
export const takenOut = (
  { before, after }: Amendment,
  now: GraphDocument,
  next: GraphDocument,
): ReadonlyArray<string> => {
  const [was, made, is, will] = [before, after, now, next].map(statements);
  if (was === undefined || made === undefined || is === undefined || will === undefined) return [];
  const names = [...new Set([...was.keys(), ...made.keys()])].filter((name) => {
    const value = made.get(name)?.value;
    return was.get(name)?.value !== value && is.get(name)?.value === value && will.get(name)?.value !== value;
  });
  // A node that is added or removed includes its fields.
  const wholes = new Set(names);
  return names
    .filter((name) => !wholes.has((made.get(name) ?? was.get(name))?.of ?? ""))
    .map((name) => `${name} ${shown(made.get(name))} by the vote, and ${shown(will.get(name))} in the file`);
};
