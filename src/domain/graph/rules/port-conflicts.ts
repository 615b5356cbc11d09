import { portOf } from "../ports.ts";
import { error, type Problem } from "../problem.ts";
import type { Survey } from "../survey.ts";
import { residents } from "./residents.ts";

/**
 * `port-conflict`: two nodes that listen on one port of one host, the host's own ssh among them. The first by id keeps
 * the port (before all others the host); each other one is a problem of its own.
 */
export const portConflicts = (survey: Survey): ReadonlyArray<Problem> =>
  [...residents(survey)].flatMap(([hostId, nodes]) => {
    const host = survey.nodes.get(hostId);
    const taken = new Map<number, string>();
    return [...(host === undefined ? [] : [host]), ...nodes].flatMap((node) => {
      const port = portOf(node);
      if (port === undefined) return [];
      const holder = taken.get(port);
      if (holder === undefined) {
        taken.set(port, node.id);
        return [];
      }
      const by = holder === hostId ? "its ssh" : `\`${holder}\``;
      return [
        error(
          "port-conflict",
          { nodes: [node.id, holder].sort() },
          `node \`${node.id}\`: port ${port} is already taken on host \`${hostId}\` by ${by}: choose another port or host`,
        ),
      ];
    });
  });
