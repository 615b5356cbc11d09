import type { GraphEntry } from "../contract/views/graphs.ts";
import { contentOf } from "../domain/graph/content.ts";
import { graph } from "../domain/graph/decider.ts";
import type { GraphState } from "../domain/graph/state.ts";
import { documentOf } from "../domain/graph/state.ts";
import { defined, isEventOf } from "../domain/kernel/mod.ts";
import { defineView, oneForEach, stampOf } from "./view.ts";

const stateOf = (document: GraphEntry | undefined): GraphState => {
  if (document === undefined) return graph.initial;
  const { description, pins, owner, editors, archived, secretLike } = document;
  return { ...defined({ description, pins }), owner, editors, archived, secretLike, content: contentOf(document) };
};

/** What is designed. A commit of many events sorts the graph once. */
export const graphs = defineView({
  name: "graphs",
  version: 4,
  keyOf: oneForEach(graph),
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
      owner: state.owner,
      editors: state.editors,
      archived: state.archived,
      secretLike: state.secretLike,
      createdAt: before?.createdAt ?? last.time,
      updatedAt: last.time,
    };
    return [[last.id, document]];
  },
});
