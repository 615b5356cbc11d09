import { error, type Problem } from "../problem.ts";
import type { Survey } from "../survey.ts";

/** Network file systems and object stores are elsewhere: they need no host. */
const needsHost = (survey: Survey, id: string): boolean => {
  const node = survey.nodes.get(id);
  return !(node?.type === "storage" && (node.kind === "network-fs" || node.kind === "object-store"));
};

/**
 * `no-host`: there is no host at all, which is then not said of each node again. `unplaced`: a node without `runs-on` in
 * a graph with several hosts. (A `runs-on` that leads nowhere or to no host is a fault of the edge.)
 */
export const places = (survey: Survey): ReadonlyArray<Problem> => {
  const { types, placements } = survey;
  const hosts = [...types].filter(([, type]) => type === "host");
  if (hosts.length === 0) return [error("no-host", {}, "the graph has no host to run on: add a node of type `host`")];
  return [...types]
    .filter(([id, type]) => type !== "host" && type !== undefined && !placements.has(id) && needsHost(survey, id))
    .map(([id]) =>
      error(
        "unplaced",
        { nodes: [id] },
        `node \`${id}\`: there are ${hosts.length} hosts and it is placed on none: add a \`runs-on\` edge to one of them`,
      ),
    );
};
