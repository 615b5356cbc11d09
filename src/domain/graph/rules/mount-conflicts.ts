import { edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { mountPoint } from "../mount-points.ts";
import { error, type Problem } from "../problem.ts";

/** `storage-conflict`: two volumes that are to be mounted at one path of one host. */
export const mountConflicts = ({ nodes, edges, placements }: GraphIndex): ReadonlyArray<Problem> => {
  const holders = new Map<string, string>();
  const problems = new Map<string, Problem>();
  for (const edge of edges) {
    if (edge.type !== "mounts-volume") continue;
    const volume = nodes.get(edge.to);
    if (volume?.type !== "storage") continue;
    const path = mountPoint(edge.mountPath ?? volume.mountPath);
    for (const host of placements.get(edge.from) ?? []) {
      const place = `${host} ${path}`;
      const holder = holders.get(place) ?? volume.id;
      holders.set(place, holder);
      if (holder === volume.id) continue;
      problems.set(
        `${place} ${volume.id}`,
        error(
          "storage-conflict",
          { nodes: [volume.id, holder].sort(), edges: [edgeIdentity(edge)] },
          `storage \`${volume.id}\`: ${path} of host \`${host}\` is taken by \`${holder}\`: give the edge of \`${edge.from}\` ` +
            "another `mountPath`",
        ),
      );
    }
  }
  return [...problems.values()];
};
