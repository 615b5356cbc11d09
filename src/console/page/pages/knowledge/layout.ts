import type { FactGraph } from "../../../../domain/knowledge/network.ts";

/** Where an entity is drawn, and how many facts it is away from the centre. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly distance: number;
}

/** The distance of each entity from the centre, over facts in either direction. What is not connected is outermost. */
const distancesFrom = (centre: string, { nodes, edges }: Pick<FactGraph, "nodes" | "edges">) => {
  const near = new Map<string, Array<string>>();
  const join = (one: string, other: string) => {
    const known = near.get(one);
    if (known === undefined) near.set(one, [other]);
    else known.push(other);
  };
  for (const { source, target } of edges) {
    join(source, target);
    join(target, source);
  }
  const distances = new Map([[centre, 0]]);
  let frontier = [centre];
  for (let distance = 1; frontier.length > 0; distance++) {
    const next: Array<string> = [];
    for (const entity of frontier)
      for (const other of near.get(entity) ?? [])
        if (!distances.has(other)) {
          distances.set(other, distance);
          next.push(other);
        }
    frontier = next;
  }
  const outermost = Math.max(0, ...distances.values()) + 1;
  return new Map(nodes.map(({ key }) => [key, distances.get(key) ?? outermost]));
};

/**
 * Returns where each entity of a neighbourhood is drawn: the asked one in the middle, the others on rings by their
 * distance, each ring in the order of names. The same graph has the same picture for everyone.
 */
export const rings = (centre: string, graph: Pick<FactGraph, "nodes" | "edges">): ReadonlyMap<string, Place> => {
  const byDistance = new Map<number, Array<string>>();
  for (const [entity, distance] of distancesFrom(centre, graph)) {
    const ring = byDistance.get(distance) ?? [];
    ring.push(entity);
    byDistance.set(distance, ring);
  }
  const places = new Map<string, Place>();
  for (const [distance, ring] of byDistance)
    for (const [index, entity] of ring.toSorted().entries()) {
      // Rings are turned against each other, so that spokes do not cover one another.
      const angle = (2 * Math.PI * index) / ring.length + distance * 0.7;
      places.set(entity, { x: distance * Math.cos(angle), y: distance * Math.sin(angle), distance });
    }
  return places;
};
