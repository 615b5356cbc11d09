import type { EdgeType } from "../edge.ts";
import type { NodeType } from "../node.ts";
import { error, type Problem } from "../problem.ts";
import type { EdgeEnds, Survey } from "../survey.ts";

type Side = NodeType | "any" | "any but host";

/** Which nodes each type of edge may join, as the format says. */
const joins: Readonly<Record<EdgeType, { readonly from: Side; readonly to: Side }>> = {
  "runs-on": { from: "any but host", to: "host" },
  "depends-on": { from: "any", to: "any but host" },
  "connects-to": { from: "any", to: "any but host" },
  "data-flow": { from: "any", to: "any" },
  "load-balances": { from: "load-balancer", to: "service" },
  "mounts-volume": { from: "any but host", to: "storage" },
  "publishes-to": { from: "any", to: "message-bus" },
  "subscribes-to": { from: "any", to: "message-bus" },
  replicates: { from: "database", to: "database" },
  manages: { from: "agent", to: "any" },
  monitors: { from: "monitoring", to: "any" },
};

const fits = (type: NodeType, side: Side): boolean =>
  side === "any" || (side === "any but host" ? type !== "host" : type === side);

/** `missing-node`: an edge that begins or ends at nothing. `nodes` are the ids that no node has. */
export const missingNodes = (
  { identity, from, to }: EdgeEnds,
  exists: (id: string) => boolean,
): Problem | undefined => {
  if (exists(from) && exists(to)) return undefined;
  const missing = [...new Set([from, to])].filter((id) => !exists(id));
  const names = missing.map((id) => `\`${id}\``).join(" and no node ");
  return error(
    "missing-node",
    { nodes: missing, edges: [identity] },
    `edge \`${identity}\`: there is no node ${names}: add it or correct the edge`,
  );
};

/** `invalid-edge`: an edge between types of node that it may not join, or a database that replicates itself. */
export const invalidEnds = (
  { identity, from, to, type }: EdgeEnds,
  typeOf: (id: string) => NodeType | undefined,
): Problem | undefined => {
  const fromType = typeOf(from);
  const toType = typeOf(to);
  if (type === undefined || fromType === undefined || toType === undefined) return undefined;
  const allowed = joins[type];
  if (!fits(fromType, allowed.from) || !fits(toType, allowed.to))
    return error(
      "invalid-edge",
      { nodes: [...new Set([from, to])], edges: [identity] },
      `edge \`${identity}\`: \`${type}\` goes from ${allowed.from} to ${allowed.to}, but \`${from}\` is of type ${fromType} and ` +
        `\`${to}\` of type ${toType}: choose other nodes or another type`,
    );
  if (type === "replicates" && from === to)
    return error(
      "invalid-edge",
      { nodes: [from], edges: [identity] },
      `edge \`${identity}\`: \`${from}\` cannot be its own standby: choose another database`,
    );
  return undefined;
};

/** `missing-node` and `invalid-edge` of all edges. */
export const edgeEnds = ({ ends, types }: Survey): ReadonlyArray<Problem> => {
  const exists = (id: string) => types.has(id);
  const typeOf = (id: string) => types.get(id);
  return ends
    .map((edge) => missingNodes(edge, exists) ?? invalidEnds(edge, typeOf))
    .filter((found) => found !== undefined);
};
