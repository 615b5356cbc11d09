import { Schema, Struct } from "effect";
import { DescribedFact, type Knowledge } from "./described.ts";
import { entityOf, RecordId } from "./fact.ts";
import type { KnownFact } from "./fact-index.ts";

/** An entity that facts lead to, and its distance in facts. */
export const Neighbour = Schema.Struct({
  entity: Schema.String,
  distance: Schema.Int,
  /** The fact that first reached it. */
  via: DescribedFact,
}).annotate({ identifier: "Neighbour" });
export type Neighbour = typeof Neighbour.Type;

/** Facts as edges between entities, in graphology's serialization format, which `Graph.from` reads. */
export const FactGraph = Schema.Struct({
  options: Schema.Struct({
    type: Schema.Literal("directed"),
    multi: Schema.Literal(true),
    allowSelfLoops: Schema.Literal(true),
  }),
  attributes: Schema.Struct({}),
  nodes: Schema.mutable(Schema.Array(Schema.Struct({ key: Schema.String }))),
  edges: Schema.mutable(
    Schema.Array(
      Schema.Struct({
        /** The id of the fact. */
        key: RecordId,
        source: Schema.String,
        target: Schema.String,
        attributes: Schema.Struct(Struct.omit(DescribedFact.fields, ["id", "subject"])),
      }),
    ),
  ),
}).annotate({ identifier: "FactGraph" });
export type FactGraph = typeof FactGraph.Type;

const otherEnd = ({ fact }: KnownFact, entity: string): string =>
  fact.subject === entity ? entityOf(fact.object) : fact.subject;

/** Returns the facts about an entity that hold, in the order of their ids. */
const standing = (knowledge: Knowledge, entity: string): ReadonlyArray<KnownFact> =>
  [...knowledge.base.about(entity)]
    .filter((known) => knowledge.holds(known))
    .sort((one, other) => (one.id < other.id ? -1 : 1));

/** Walks from entity to entity along facts that hold, in either direction, nearest first, until the caller stops. */
function* reached(knowledge: Knowledge, from: string, hops: number) {
  const seen = new Set([from]);
  let frontier = [from];
  for (let distance = 1; distance <= hops && frontier.length > 0; distance++) {
    const next: Array<string> = [];
    for (const near of frontier)
      for (const via of standing(knowledge, near)) {
        const entity = otherEnd(via, near);
        if (seen.has(entity)) continue;
        seen.add(entity);
        next.push(entity);
        yield { entity, distance, via, near };
      }
    frontier = next;
  }
}

/** Returns the entities around an entity, nearest first. */
export const neighboursOf = (
  knowledge: Knowledge,
  entity: string,
  { hops, limit }: { readonly hops: number; readonly limit: number },
): ReadonlyArray<Neighbour> => {
  const found: Array<Neighbour> = [];
  for (const { entity: other, distance, via } of reached(knowledge, entity, hops)) {
    if (found.length === limit) break;
    found.push({ entity: other, distance, via: knowledge.describe(via) });
  }
  return found;
};

/** Returns the shortest path of facts from one entity to another, in order; undefined if there is none. */
export const shortestPath = (
  knowledge: Knowledge,
  from: string,
  to: string,
): ReadonlyArray<DescribedFact> | undefined => {
  if (from === to) return [];
  const steps = new Map<string, { readonly near: string; readonly via: KnownFact }>();
  for (const { entity, via, near } of reached(knowledge, from, Number.POSITIVE_INFINITY)) {
    steps.set(entity, { near, via });
    if (entity !== to) continue;
    const path: Array<DescribedFact> = [];
    for (let at = steps.get(to); at !== undefined; at = steps.get(at.near)) path.unshift(knowledge.describe(at.via));
    return path;
  }
  return undefined;
};

/** Returns the facts around an entity in graphology's serialization format, which `Graph.from` reads. */
export const subgraph = (
  knowledge: Knowledge,
  entity: string,
  { hops, limit }: { readonly hops: number; readonly limit: number },
): FactGraph => {
  const inside = new Set([entity]);
  for (const { entity: other } of reached(knowledge, entity, hops)) {
    if (inside.size === limit) break;
    inside.add(other);
  }
  const entities = [...inside];
  const edges = entities.flatMap((source) =>
    standing(knowledge, source).flatMap((known) => {
      const target = entityOf(known.fact.object);
      if (known.fact.subject !== source || !inside.has(target)) return [];
      const { id: key, subject: _, ...attributes } = knowledge.describe(known);
      return [{ key, source, target, attributes }];
    }),
  );
  return {
    options: { type: "directed", multi: true, allowSelfLoops: true },
    attributes: {},
    nodes: entities.map((key) => ({ key })),
    edges,
  };
};
