import { hostWaves } from "../../domain/deployment/waves.ts";
import type { DependsOnEdge } from "../../domain/graph/edge.ts";
import { sortedByText } from "../../domain/graph/order.ts";
import { type Placements, placed } from "../../domain/graph/placement.ts";
import { type NodeType, nodeTypeNames } from "../../domain/graph/types.ts";
import { type Draft, type Fields, textOf } from "./draft.ts";

/** What stands where in a draft, however broken its fields are. */
export interface Skeleton {
  /** The type of each node that has a name; undefined if there is no such type. The first of each name. */
  readonly types: ReadonlyMap<string, NodeType | undefined>;
  /** The hosts that each placed node runs on. */
  readonly placements: Placements;
  /** The nodes on each host, for every host, sorted. */
  readonly residents: ReadonlyMap<string, ReadonlyArray<string>>;
  /** The nodes without a place, sorted. */
  readonly homeless: ReadonlyArray<string>;
  /** The hosts in the order in which a deployment takes them. */
  readonly waves: ReadonlyArray<ReadonlyArray<string>>;
}

const typeOf = ({ type }: Fields): NodeType | undefined => nodeTypeNames.find((name) => name === type);

const known = new WeakMap<Draft, Skeleton>();
/** The draft that was asked about last: the next one mostly differs in the text of a field. */
let latest: Draft | undefined;

/** What of nodes and edges has a say in where they stand, and what edges are called by. */
const shape = {
  nodes: ["id", "type"],
  edges: ["from", "to", "type", "required", "id", "port", "topic"],
} as const;

const isAlike = (fields: ReadonlyArray<string>, some: ReadonlyArray<Fields>, others: ReadonlyArray<Fields>): boolean =>
  some === others ||
  (some.length === others.length &&
    some.every((one, index) => {
      const other = others[index];
      return one === other || fields.every((field) => one[field] === other?.[field]);
    }));

const hasSameShape = (one: Draft, other: Draft): boolean =>
  isAlike(shape.nodes, one.nodes, other.nodes) && isAlike(shape.edges, one.edges, other.edges);

/**
 * Returns where things stand in a draft. Drafts of one shape have the very same skeleton, so that what is computed of it,
 * such as the layout, is not computed again for each letter that one types.
 */
export const skeletonOf = (draft: Draft): Skeleton => {
  const alike = () => (latest !== undefined && hasSameShape(latest, draft) ? known.get(latest) : undefined);
  const skeleton = known.get(draft) ?? alike() ?? skeletonFrom(draft);
  known.set(draft, skeleton);
  latest = draft;
  return skeleton;
};

const skeletonFrom = (draft: Draft): Skeleton => {
  const types = new Map<string, NodeType | undefined>();
  for (const node of draft.nodes) {
    const id = textOf(node.id);
    if (id !== "" && !types.has(id)) types.set(id, typeOf(node));
  }
  const endsOf = (type: string) =>
    sortedByText(
      draft.edges
        .filter((edge) => edge.type === type)
        .map((edge) => ({ from: textOf(edge.from), to: textOf(edge.to), required: edge.required !== false })),
      ({ from, to, required }) => `${from} ${to} ${required}`,
    );
  const placements = placed(
    types,
    endsOf("runs-on").map(({ from, to }) => ({ type: "runs-on", from, to })),
  );
  const ids = [...types.keys()].sort();
  const hosts = ids.filter((id) => types.get(id) === "host");
  const residents = new Map<string, Array<string>>(hosts.map((host) => [host, []]));
  for (const id of ids) for (const host of placements.get(id) ?? []) residents.get(host)?.push(id);
  const homeless = ids.filter((id) => types.get(id) !== "host" && (placements.get(id) ?? []).length === 0);
  const dependencies = endsOf("depends-on").map((ends): DependsOnEdge => ({ type: "depends-on", ...ends }));
  return { types, placements, residents, homeless, waves: hostWaves(hosts, dependencies, placements) };
};
