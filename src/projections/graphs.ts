import type { GraphEntry } from "../contract/views/graphs.ts";
import { withoutImpliedId } from "../domain/graph/canonical.ts";
import { graph } from "../domain/graph/decider.ts";
import { type Edge, edgeIdentity } from "../domain/graph/edge.ts";
import type { Node } from "../domain/graph/node.ts";
import { Patched } from "../domain/graph/patched.ts";
import { type GraphHead, headAfter } from "../domain/graph/state.ts";
import { defined, isEventOf, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, oneForEach, stampOf } from "./view.ts";

const nodesOf = (nodes: ReadonlyArray<Node> = []) => new Patched(nodes, ({ id }) => id);
const edgesOf = (edges: ReadonlyArray<Edge> = []) => new Patched(edges, edgeIdentity);

/**
 * A graph while the events of a commit change it. Its document is in normal form, so unchanged parts keep their place.
 */
class Draft {
  head: GraphHead | null;
  nodes: Patched<Node>;
  edges: Patched<Edge>;

  constructor(before: GraphEntry | undefined) {
    this.head = before ?? null;
    this.nodes = nodesOf(before?.nodes);
    this.edges = edgesOf(before?.edges);
  }

  take(event: RecordedEventOf<typeof graph.events>): void {
    this.head = headAfter(this.head, event, event, this);
    switch (event.type) {
      case "graph-created":
        this.nodes = nodesOf();
        this.edges = edgesOf();
        break;
      case "node-added":
      case "node-updated":
        this.nodes.set(event.data.node.id, event.data.node);
        break;
      case "node-removed":
        this.nodes.remove(event.data.id);
        break;
      case "edge-connected":
        this.edges.set(edgeIdentity(event.data.edge), withoutImpliedId(event.data.edge));
        break;
      case "edge-disconnected":
        this.edges.remove(event.data.id);
        break;
    }
  }
}

/** The stored graphs. A commit of many events changes the document once, and costs in proportion to what it changes. */
export const graphs = defineView({
  name: "graphs",
  version: 4,
  keyOf: oneForEach(graph),
  apply: (get, commit) => {
    const last = commit.at(-1);
    if (last === undefined || last.aggregate !== graph.name) return [];
    const before = get(last.id);
    const draft = new Draft(before);
    for (const event of commit) if (isEventOf(graph, event)) draft.take(event);
    if (draft.head === null) return [];
    const { description, pins, owner, editors, archived, secretLike } = draft.head;
    const document: GraphEntry = {
      ...defined({ description, pins }),
      nodes: draft.nodes.all(),
      edges: draft.edges.all(),
      ...stampOf(last),
      owner,
      editors,
      archived,
      secretLike,
      createdAt: before?.createdAt ?? last.time,
      updatedAt: last.time,
    };
    return [[last.id, document]];
  },
});
