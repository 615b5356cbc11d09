import { componentsOf } from "../../domain/graph/components.ts";
import { type Draft, textOf } from "./draft.ts";
import { type Skeleton, skeletonOf } from "./skeleton.ts";

/** Somewhere on the canvas, in its own units. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A host, as the box around its nodes. */
export interface Box extends Place {
  /** The host; undefined for the box of the nodes that run nowhere. */
  readonly host: string | undefined;
  /** The number of its wave, from 1. */
  readonly wave: number | undefined;
}

/** A node in the box of a host. A node on several hosts has one in each. */
export interface Spot extends Place {
  readonly node: string;
  readonly host: string | undefined;
  /** Whether it is the one at which its edges end. */
  readonly isFirst: boolean;
}

/** Where everything is. */
export interface Layout {
  readonly boxes: ReadonlyArray<Box>;
  readonly spots: ReadonlyArray<Spot>;
}

/** How large a node is drawn. */
export const spotSize = { width: 148, height: 48 } as const;
const gap = 12;
const padding = 14;
/** How much of a box is above its nodes, for the name of the host. */
export const headHeight = 34;
const between = { x: 90, y: 32 } as const;
/** The least height of a column of hosts before another one begins beside it. */
const leastHeight = 900;

/** Edges that say nothing of who needs whom. */
const unranked: ReadonlySet<string> = new Set(["runs-on", "monitors", "manages"]);

/**
 * The length of the longest way from each node to one that needs nothing. Nodes that need each other have one rank: the
 * ways are those between the strongly connected components.
 */
const ranksIn = ({ edges }: Draft, ids: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const here = new Set(ids);
  const arrows = edges
    .filter(({ type }) => !unranked.has(textOf(type)))
    .map(({ from, to }) => ({ from: textOf(from), to: textOf(to) }))
    .filter(({ from, to }) => here.has(from) && here.has(to));
  const component = componentsOf(ids, arrows);
  const componentOf = (id: string): string => component.get(id) ?? id;
  const users = new Map<string, Set<string>>();
  const needs = new Map<string, number>([...component.values()].map((name) => [name, 0]));
  for (const { from, to } of arrows) {
    const [user, needed] = [componentOf(from), componentOf(to)];
    const known = users.get(needed) ?? new Set();
    if (user === needed || known.has(user)) continue;
    users.set(needed, known.add(user));
    needs.set(user, (needs.get(user) ?? 0) + 1);
  }
  const ranks = new Map<string, number>();
  const ready = [...needs].filter(([, count]) => count === 0).map(([name]) => name);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const rank = ranks.get(next) ?? 0;
    ranks.set(next, rank);
    for (const user of users.get(next) ?? []) {
      ranks.set(user, Math.max(ranks.get(user) ?? 0, rank + 1));
      const left = (needs.get(user) ?? 0) - 1;
      needs.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  return new Map(ids.map((id) => [id, ranks.get(componentOf(id)) ?? 0]));
};

const knownRanks = new WeakMap<Skeleton, ReadonlyMap<string, number>>();

const ranksOf = (draft: Draft): ReadonlyMap<string, number> => {
  const skeleton = skeletonOf(draft);
  const ranks = knownRanks.get(skeleton) ?? ranksIn(draft, [...skeleton.types.keys()].sort());
  knownRanks.set(skeleton, ranks);
  return ranks;
};

/** How many nodes stand side by side in a box. */
const columnsFor = (count: number): number => (count <= 5 ? 1 : Math.ceil(Math.sqrt(count / 2)));

const sizeFor = (count: number): { readonly width: number; readonly height: number } => {
  const columns = columnsFor(count);
  const rows = Math.max(1, Math.ceil(count / columns));
  return {
    width: 2 * padding + columns * spotSize.width + (columns - 1) * gap,
    height: headHeight + padding + rows * spotSize.height + (rows - 1) * gap,
  };
};

interface Room {
  readonly host: string | undefined;
  readonly wave: number | undefined;
  readonly nodes: ReadonlyArray<string>;
}

/** Boxes in columns, one under the other, none higher than `most` unless one box is. Returns where the next column begins. */
const inColumns = (rooms: ReadonlyArray<Room>, left: number, most: number) => {
  const boxes: Array<Box> = [];
  let [x, y, widest] = [left, 0, 0];
  for (const { host, wave, nodes } of rooms) {
    const size = sizeFor(nodes.length);
    if (y > 0 && y + size.height > most) [x, y, widest] = [x + widest + between.y, 0, 0];
    boxes.push({ host, wave, x, y, ...size });
    y += size.height + between.y;
    widest = Math.max(widest, size.width);
  }
  return { boxes, right: rooms.length === 0 ? left : x + widest + between.x };
};

const knownLayouts = new WeakMap<Skeleton, Layout>();

/** Returns where hosts and nodes of a draft are drawn: see {@link layoutOfPart}. It is made once for drafts of one shape. */
export const layoutOf = (draft: Draft): Layout => {
  const skeleton = skeletonOf(draft);
  const layout = knownLayouts.get(skeleton) ?? layoutOfPart(draft, () => true);
  knownLayouts.set(skeleton, layout);
  return layout;
};

/**
 * Returns where those hosts and nodes of a draft are drawn that are asked for, and the hosts of those nodes. Hosts stand in columns by their waves, the last wave at the left, so
 * that edges lead to the right, to what is deployed before. In a host the nodes that need others stand above those. It is a
 * pure function of what is in the graph, and not of its order, so that everybody sees the same picture.
 */
export const layoutOfPart = (draft: Draft, isAsked: (node: string) => boolean): Layout => {
  const { residents, placements, homeless, waves } = skeletonOf(draft);
  const ranks = ranksOf(draft);
  const inOrder = (nodes: ReadonlyArray<string>): ReadonlyArray<string> =>
    nodes
      .filter(isAsked)
      .sort((one, other) => (ranks.get(other) ?? 0) - (ranks.get(one) ?? 0) || (one < other ? -1 : 1));
  const columns = waves
    .map((wave, index) =>
      wave
        .map((host): Room => ({ host, wave: index + 1, nodes: inOrder(residents.get(host) ?? []) }))
        .filter(({ host, nodes }) => nodes.length > 0 || (host !== undefined && isAsked(host))),
    )
    .filter((column) => column.length > 0)
    .reverse();
  const lost = inOrder(homeless);
  const nowhere: ReadonlyArray<Room> = lost.length === 0 ? [] : [{ host: undefined, wave: undefined, nodes: lost }];
  const rooms = [...nowhere, ...columns.flat()];
  const area = rooms.reduce((sum, { nodes }) => {
    const { width, height } = sizeFor(nodes.length);
    return sum + (width + between.y) * (height + between.y);
  }, 0);
  const most = Math.max(leastHeight, Math.sqrt(area * 0.7));
  let right = 0;
  const boxes = [nowhere, ...columns].flatMap((column) => {
    const placed = inColumns(column, right, most);
    right = placed.right;
    return placed.boxes;
  });
  const spots = boxes.flatMap((box, index) => {
    const nodes = rooms[index]?.nodes ?? [];
    const columnCount = columnsFor(nodes.length);
    return nodes.map(
      (node, place): Spot => ({
        node,
        host: box.host,
        isFirst: (placements.get(node)?.[0] ?? undefined) === box.host,
        x: box.x + padding + (place % columnCount) * (spotSize.width + gap),
        y: box.y + headHeight + Math.floor(place / columnCount) * (spotSize.height + gap),
        ...spotSize,
      }),
    );
  });
  return { boxes, spots };
};

export const isInside = ({ x, y }: { readonly x: number; readonly y: number }, place: Place): boolean =>
  x >= place.x && x <= place.x + place.width && y >= place.y && y <= place.y + place.height;

export type Direction = "left" | "right" | "up" | "down";

const middle = ({ x, y, width, height }: Place) => ({ x: x + width / 2, y: y + height / 2 });

/**
 * The nearest place in a direction; undefined if there is none. What lies straight ahead is nearer than what lies aside: a
 * step aside counts twice.
 */
export const nearest = <P extends Place>(
  places: ReadonlyArray<P>,
  from: Place,
  direction: Direction,
): P | undefined => {
  const start = middle(from);
  let [found, least] = [undefined as P | undefined, Number.POSITIVE_INFINITY];
  for (const place of places) {
    const { x, y } = middle(place);
    const isAcross = direction === "left" || direction === "right";
    const ahead = (isAcross ? x - start.x : y - start.y) * (direction === "left" || direction === "up" ? -1 : 1);
    const aside = Math.abs(isAcross ? y - start.y : x - start.x);
    // Within half a right angle of the direction, and a little more.
    if (ahead <= 0 || aside > ahead * 3) continue;
    const distance = ahead + 2 * aside;
    if (distance < least) [found, least] = [place, distance];
  }
  return found;
};
