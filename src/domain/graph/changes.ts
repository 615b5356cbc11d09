import { Result, type Schema } from "effect";
import type { Rejection } from "../kernel/mod.ts";
import { saysTheSame, withoutImpliedId } from "./canonical.ts";
import { consequences } from "./consequences.ts";
import { contentOf, documentWith, evolveContent, type GraphContent, textsIn } from "./content.ts";
import type { GraphChange } from "./contract.ts";
import { differences } from "./differences.ts";
import type { GraphDocument } from "./document.ts";
import type { Node } from "./node.ts";

export { GraphChange } from "./contract.ts";

type Fields = Readonly<Record<string, Schema.Json>>;

/** Returns the fields in which a node differs from another of its type; null for fields that it lacks. */
export const changedFields = (before: Node, after: Node): Fields => {
  const [old, young]: [Fields, Fields] = [{ ...before }, { ...after }];
  const names = [...new Set([...Object.keys(old), ...Object.keys(young)])].sort();
  return Object.fromEntries(
    names
      .map((name) => [name, young[name] ?? null] as const)
      .filter(([name, value]) => !saysTheSame(old[name] ?? null, value)),
  );
};

/**
 * Returns the changes of nodes and edges that turn one graph into another. Ids and descriptions of graphs are ignored.
 */
export const diff = (from: GraphDocument, to: GraphDocument): ReadonlyArray<GraphChange> => {
  const { disconnected, removed, updated, added, connected } = differences(contentOf(from), contentOf(to));
  return [
    ...disconnected.map((id): GraphChange => ({ type: "disconnect", id })),
    ...removed.map((id): GraphChange => ({ type: "remove-node", id })),
    ...updated.map(
      ({ before, after }): GraphChange => ({
        type: "update-node",
        id: after.id,
        changes: changedFields(before, after),
      }),
    ),
    ...added.map((node): GraphChange => ({ type: "add-node", node })),
    ...connected.map((edge): GraphChange => ({ type: "connect", edge: withoutImpliedId(edge) })),
  ];
};

/**
 * Returns the content of a graph after changes in order. If a rule refuses one change, all are refused. `allowed` names
 * the fields that may look like secrets. Content that the graph already has may look like one too, in an edge that
 * replaces another.
 */
export const contentAfter = (
  before: GraphContent,
  changes: ReadonlyArray<GraphChange>,
  allowed: ReadonlyArray<string> = [],
): Result.Result<GraphContent, Rejection> => {
  let content = before;
  const pass = { allowed, before: () => textsIn(before) };
  for (const change of changes) {
    const result = consequences(content, change, pass);
    if (Result.isFailure(result)) return Result.fail(result.failure);
    content = result.success.reduce(evolveContent, content);
  }
  return Result.succeed(content);
};

/** Returns the graph in normal form after changes in order. If a rule refuses one change, all are refused. */
export const applyChanges = (
  document: GraphDocument,
  changes: ReadonlyArray<GraphChange>,
  allowed: ReadonlyArray<string> = [],
): Result.Result<GraphDocument, Rejection> => {
  const { nodes: _nodes, edges: _edges, ...head } = document;
  return Result.map(contentAfter(contentOf(document), changes, allowed), (content) => documentWith(head, content));
};
