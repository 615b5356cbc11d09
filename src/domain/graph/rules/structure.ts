import { edgeTypes, type Side } from "../edge.ts";
import { error, type Problem } from "../problem.ts";
import type { EdgeEnds, Survey } from "../survey.ts";
import type { NodeType } from "../types.ts";

/** Returns the texts that occur more than once, each with its count. */
const repeated = (texts: ReadonlyArray<string>): ReadonlyArray<readonly [string, number]> => {
  if (new Set(texts).size === texts.length) return [];
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1);
};

/** `duplicate-id`: several nodes with one id, or several edges with one identity. Reported once for each id. */
export const duplicateIds = ({ ids, ends }: Survey): ReadonlyArray<Problem> => [
  ...repeated(ids).map(([id, count]) =>
    error("duplicate-id", { nodes: [id] }, `node \`${id}\`: ${count} nodes have this id: rename or remove the others`),
  ),
  ...repeated(ends.map(({ identity }) => identity)).map(([identity, count]) =>
    error(
      "duplicate-id",
      { edges: [identity] },
      `edge \`${identity}\`: ${count} edges have this identity: remove the others or give them ids of their own`,
    ),
  ),
];

/**
 * `invalid-id`: a node whose id already has a meaning on every host. NixOS refuses a host with that name, and refuses
 * to resolve the name to another address.
 */
export const takenNames = ({ types }: Pick<Survey, "types">): ReadonlyArray<Problem> =>
  types.has("localhost")
    ? [
        error(
          "invalid-id",
          { nodes: ["localhost"] },
          "node `localhost`: on every host that name means the host itself, and NixOS refuses another meaning: choose another id",
        ),
      ]
    : [];

const fits = (type: NodeType, side: Side): boolean =>
  side === "any" || (side === "any but host" ? type !== "host" : type === side);

/** `missing-node`: an edge that begins or ends at no node. `nodes` has the missing ids. */
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

/** `invalid-edge`: an edge between types of nodes that it cannot connect, or a database that replicates itself. */
export const invalidEnds = (
  { identity, from, to, type }: EdgeEnds,
  typeOf: (id: string) => NodeType | undefined,
): Problem | undefined => {
  const fromType = typeOf(from);
  const toType = typeOf(to);
  if (type === undefined || fromType === undefined || toType === undefined) return undefined;
  const allowed = edgeTypes[type];
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

/** Returns the `missing-node` and `invalid-edge` problems of all edges. */
export const edgeEnds = ({ ends, types }: Survey): ReadonlyArray<Problem> => {
  const exists = (id: string) => types.has(id);
  const typeOf = (id: string) => types.get(id);
  return ends
    .map((edge) => missingNodes(edge, exists) ?? invalidEnds(edge, typeOf))
    .filter((found) => found !== undefined);
};
