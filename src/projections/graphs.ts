import { Schema } from "effect";
import { contentOf } from "../domain/graph/content.ts";
import { documentOf, graph } from "../domain/graph/decider.ts";
import { GraphDocument } from "../domain/graph/document.ts";
import type { GraphState } from "../domain/graph/state.ts";
import { Instant, isEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields, stampOf } from "./view.ts";

const GraphEntry = Schema.Struct({
  ...documentFields,
  ...GraphDocument.fields,
  archived: Schema.Boolean,
  createdAt: Instant,
  updatedAt: Instant,
});
/** A graph in its normal form: nodes by id, edges by identity. */
export type GraphEntry = typeof GraphEntry.Type;

const stateOf = (document: GraphEntry | undefined): GraphState => {
  if (document === undefined) return graph.initial;
  const { description, archived } = document;
  return { ...(description === undefined ? {} : { description }), archived, content: contentOf(document) };
};

/** What is designed. A commit of many events sorts the graph once. */
export const graphs = defineView<GraphEntry>({
  name: "graphs",
  version: 1,
  document: GraphEntry,
  apply: (get, commit) => {
    const last = commit.at(-1);
    if (last === undefined || last.aggregate !== graph.name) return [];
    const before = get(last.id);
    const state = commit.reduce<GraphState>(
      (current, event) =>
        isEventOf(graph, event) ? graph.evolve(current, event, { ...event, aggregateId: event.id }) : current,
      stateOf(before),
    );
    if (state === null) return [];
    const document: GraphEntry = {
      ...documentOf(last.id, state),
      ...stampOf(last),
      archived: state.archived,
      createdAt: before?.createdAt ?? last.time,
      updatedAt: last.time,
    };
    return [[last.id, document]];
  },
  summarize: ({ nodes, edges, ...rest }) => ({ ...rest, nodeCount: nodes.length, edgeCount: edges.length }),
});
