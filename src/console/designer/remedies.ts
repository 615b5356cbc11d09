import type { GraphChange } from "../../domain/graph/contract.ts";
import type { Problem } from "../../domain/graph/problem.ts";
import { type Draft, edgeKey, elementsOf, nodeKey } from "./draft.ts";
import { skeletonOf } from "./skeleton.ts";

/** What would mend a problem: what the button says, and the changes that it makes. */
export interface Remedy {
  readonly text: string;
  readonly changes: ReadonlyArray<GraphChange>;
}

/** The host with the fewest nodes, the first by name of those. */
const emptiestHost = (draft: Draft): string | undefined =>
  [...skeletonOf(draft).residents].toSorted(([, one], [, other]) => one.length - other.length)[0]?.[0];

const healthCheck = (draft: Draft, id: string): Remedy | undefined => {
  const fields = elementsOf(draft).get(nodeKey(id))?.fields;
  if (fields === undefined || fields.healthCheck !== undefined) return undefined;
  if (typeof fields.port !== "number") return undefined;
  const check = { kind: "tcp", intervalSeconds: 5, timeoutSeconds: 2, retries: 3 };
  return { text: "add one", changes: [{ type: "update-node", id, changes: { healthCheck: check } }] };
};

/**
 * Returns a remedy for a problem that validation found; undefined if there is none that is right without a question.
 * Findings of reviewers bring theirs.
 */
export const remedyOf = (draft: Draft, { code, nodes, edges }: Problem): Remedy | undefined => {
  const [id = ""] = nodes;
  switch (code) {
    case "unplaced": {
      const host = emptiestHost(draft);
      if (host === undefined || nodes.length !== 1 || skeletonOf(draft).types.get(id) === undefined) return undefined;
      return {
        text: `run it on ${host}`,
        changes: [{ type: "connect", edge: { from: id, type: "runs-on", to: host } }],
      };
    }
    case "no-health-check":
      return healthCheck(draft, id);
    case "no-backup":
      return {
        text: "back it up every night",
        changes: [{ type: "update-node", id, changes: { backupSchedule: "0 3 * * *" } }],
      };
    case "missing-node":
    case "invalid-edge": {
      const [edge] = edges;
      if (edge === undefined || !elementsOf(draft).has(edgeKey(edge))) return undefined;
      return { text: "remove the edge", changes: [{ type: "disconnect", id: edge }] };
    }
    default:
      return undefined;
  }
};
