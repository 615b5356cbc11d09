import type { GraphIndex } from "../graph-index.ts";
import type { Node } from "../node.ts";
import { error, named, type Problem } from "../problem.ts";
import type { Resources } from "../values.ts";

const kinds = [
  { field: "cpuCores", unit: "CPU cores" },
  { field: "memoryMb", unit: "MB of memory" },
  { field: "diskGb", unit: "GB of disk" },
] as const satisfies ReadonlyArray<{ readonly field: keyof Resources; readonly unit: string }>;

/** Sums of decimal fractions are not exact in binary; what is within a billionth fits. */
const exceeds = (sum: number, limit: number): boolean => sum - limit > limit * 1e-9;

const demandOf = (node: Node, field: keyof Resources): number =>
  "resources" in node ? (node.resources?.[field] ?? 0) : 0;

/** `resources-exceeded`: the nodes of a host ask together for more than it says it has, one problem for each resource. */
export const resourcesExceeded = (index: GraphIndex): ReadonlyArray<Problem> =>
  [...index.residents].flatMap(([hostId, nodes]) => {
    const host = index.nodes.get(hostId);
    if (host?.type !== "host") return [];
    return kinds.flatMap(({ field, unit }) => {
      const limit = host.resources?.[field];
      const users = nodes.filter((node) => demandOf(node, field) > 0);
      const sum = users.reduce((total, node) => total + demandOf(node, field), 0);
      if (limit === undefined || !exceeds(sum, limit)) return [];
      return [
        error(
          "resources-exceeded",
          { nodes: [hostId, ...users.map(({ id }) => id)] },
          `host \`${hostId}\`: ${named(users.map(({ id }) => id))} ask for ${Number(sum.toPrecision(12))} ${unit} together ` +
            `and it has ${limit}: move nodes to another host, let them ask for less or use a larger host`,
        ),
      ];
    });
  });
