import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { type Draft, draftOf } from "../../../designer/draft.ts";

/** The part of a graph that is edited. */
export const drawn = ({
  id,
  description,
  nodes,
  edges,
}: Pick<DocumentOf<"graphs">, "id" | "description" | "nodes" | "edges">): Draft => {
  const read = draftOf(id, JSON.parse(JSON.stringify({ id, description, nodes, edges })));
  return "draft" in read ? read.draft : { id, nodes: [], edges: [] };
};
