import type { GraphIndex } from "../graph-index.ts";
import { type Problem, warning } from "../problem.ts";

/**
 * `no-backup`: a persistent database without `backupSchedule`. A standby is copied from its primary and needs none; a
 * primary needs none where a standby has one.
 */
export const backups = ({ nodes, edges }: GraphIndex): ReadonlyArray<Problem> => {
  const covered = new Set<string>();
  for (const edge of edges) {
    if (edge.type !== "replicates" || edge.from === edge.to) continue;
    covered.add(edge.from);
    const standby = nodes.get(edge.from);
    if (standby?.type === "database" && standby.backupSchedule !== undefined) covered.add(edge.to);
  }
  return [...nodes.values()]
    .filter(
      (node) =>
        node.type === "database" &&
        node.persistent !== false &&
        node.backupSchedule === undefined &&
        !covered.has(node.id),
    )
    .map(({ id }) =>
      warning(
        "no-backup",
        { nodes: [id] },
        `database \`${id}\`: it keeps data and is never backed up: add \`backupSchedule\`, or \`persistent: false\``,
      ),
    );
};
