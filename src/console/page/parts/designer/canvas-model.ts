import { type Node, Position } from "@xyflow/react";
import { type Draft, elementsOf, type Fields, type Key, nodeKey, textOf } from "../../../designer/draft.ts";
import { spotName } from "../../../designer/firewall.ts";
import type { Issue, Marks } from "../../../designer/issues.ts";
import type { Box, Layout, Spot } from "../../../designer/layout.ts";

/** What a box or a node on the canvas shows. */
export interface Shown extends Record<string, unknown> {
  /** The node; undefined in a box. */
  readonly node: string | undefined;
  readonly host: string | undefined;
  readonly detail: string;
  readonly isSelected: boolean;
  readonly isFirst: boolean;
  readonly severity: Issue["severity"] | undefined;
}

type Seen = Pick<Shown, "isSelected" | "severity">;

export type FlowNode = Node<Shown, "box" | "spot">;

/** The parts of an id: the library looks ids up by selectors, so that nothing in a name may end one. */
const idOf = (...parts: ReadonlyArray<string>): string =>
  parts.map((part) => encodeURIComponent(part.toWellFormed())).join(":");

/** The id of the box of a host on the canvas. */
export const boxId = (host: string | undefined): string => idOf("box", host ?? "");
/** The host or the node that a box or a node on the canvas stands for; empty for the box of the nodes that run nowhere. */
export const nameOfNode = (id: string): string => decodeURIComponent(id.split(":").at(-1) ?? "");
export const spotId = (host: string | undefined, node: string): string => idOf("spot", host ?? "", node);

/** The key of what a box or a node on the canvas stands for. */
export const keyOfNode = (id: string): Key => nodeKey(nameOfNode(id));

/** The handles of an edge at a node: from host to host it leads to the right, within a host down, or round by `side`. */
export const handles = { left: "left", right: "right", top: "top", bottom: "bottom", side: "side" } as const;

/** Where the handles are, so that edges can be drawn before the browser has measured anything. */
const handlesOf = (width: number, height: number, y: number): NonNullable<FlowNode["handles"]> => {
  const size = { width: 1, height: 1 };
  return [
    { id: handles.left, type: "target", position: Position.Left, x: 0, y, ...size },
    { id: handles.right, type: "source", position: Position.Right, x: width, y, ...size },
    { id: handles.top, type: "target", position: Position.Top, x: width / 2, y: 0, ...size },
    { id: handles.bottom, type: "source", position: Position.Bottom, x: width / 2, y: height, ...size },
    { id: handles.side, type: "target", position: Position.Right, x: width, y, ...size },
  ];
};

type Moved = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

/** What the canvas drew last for a place of the layout, and of what it was made. */
const drawn = new WeakMap<Box | Spot, { readonly of: ReadonlyArray<unknown>; readonly node: FlowNode }>();

/**
 * Returns what is drawn at a place: what was drawn before, unless something has changed of which it is made. The places
 * are the same as long as nothing in the graph moves, so a letter that one types makes one node and not all of them.
 */
const drawnAt = (place: Box | Spot, of: ReadonlyArray<unknown>, draw: () => FlowNode): FlowNode => {
  const before = drawn.get(place);
  if (before?.of.every((one, index) => Object.is(one, of[index])) === true) return before.node;
  const node = draw();
  drawn.set(place, { of, node });
  return node;
};

const boxOf = (box: Box, fields: Fields | undefined, moved: Moved, mayMove: boolean, seen: Seen): FlowNode => {
  const { host, wave, x, y, width, height } = box;
  const detail = wave === undefined ? textOf(fields?.address) : `wave ${wave}`;
  return {
    id: boxId(host),
    type: "box",
    position: moved.get(boxId(host)) ?? { x, y },
    width,
    height,
    measured: { width, height },
    handles: handlesOf(width, height, 17),
    selected: seen.isSelected,
    selectable: host !== undefined,
    draggable: mayMove,
    connectable: mayMove && host !== undefined,
    zIndex: 0,
    data: { node: undefined, host, detail, isFirst: true, ...seen },
  };
};

const spotOf = (
  spot: Spot,
  home: Box | undefined,
  fields: Fields,
  mayMove: boolean,
  { open, ...seen }: Seen & { readonly open: string | undefined },
): FlowNode => {
  const { node, host, x, y, width, height, isFirst } = spot;
  const known = [fields.type, fields.engine ?? fields.size, fields.port];
  const detail = open === undefined ? known.filter((part) => part !== undefined && part !== "") : [open];
  return {
    id: spotId(host, node),
    type: "spot",
    parentId: boxId(host),
    position: { x: x - (home?.x ?? 0), y: y - (home?.y ?? 0) },
    width,
    height,
    measured: { width, height },
    handles: handlesOf(width, height, height / 2),
    selected: seen.isSelected,
    draggable: mayMove,
    connectable: mayMove,
    zIndex: 2,
    data: { node, host, detail: detail.join(" · "), isFirst, ...seen },
  };
};

/** What is shown over the graph: what is selected, what is wrong, and what everyone may reach, by `spotName`. */
interface Over {
  readonly selection: ReadonlySet<Key>;
  readonly marks: Marks;
  readonly open: ReadonlyMap<string, string>;
}

const noFields: Fields = {};

/** Boxes and nodes as the canvas draws them: where the layout puts them, or where a box was moved to. */
export const nodesOf = (
  draft: Draft,
  { boxes, spots }: Layout,
  moved: Moved,
  { selection, marks, open }: Over,
  mayMove: boolean,
): Array<FlowNode> => {
  const elements = elementsOf(draft);
  const homes = new Map(boxes.map((box) => [box.host, box]));
  const seen = (key: Key): Seen => ({ isSelected: selection.has(key), severity: marks.get(key) });
  return [
    ...boxes.map((box): FlowNode => {
      const key = nodeKey(box.host ?? "");
      const [fields, { isSelected, severity }] = [elements.get(key)?.fields, seen(key)];
      const of = [fields, moved, isSelected, severity, mayMove];
      return drawnAt(box, of, () => boxOf(box, fields, moved, mayMove, { isSelected, severity }));
    }),
    ...spots.map((spot): FlowNode => {
      const key = nodeKey(spot.node);
      const [fields = noFields, { isSelected, severity }] = [elements.get(key)?.fields, seen(key)];
      const toAll = open.get(spotName(spot.host, spot.node));
      const of = [fields, isSelected, severity, mayMove, toAll];
      const shown = { isSelected, severity, open: toAll };
      return drawnAt(spot, of, () => spotOf(spot, homes.get(spot.host), fields, mayMove, shown));
    }),
  ];
};

const isAlike = (one: unknown, other: unknown): boolean => {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const [entries, others] = [Object.entries(one), new Map<string, unknown>(Object.entries(other))];
  return entries.length === others.size && entries.every(([key, value]) => isAlike(value, others.get(key)));
};

/**
 * What is drawn next, with everything that looks as before being the very value that it was: the library draws again what
 * is another value, and a letter typed into one node must not draw three hundred.
 */
export const kept = <T extends { readonly id: string }>(before: Array<T>, next: ReadonlyArray<T>): Array<T> => {
  const known = new Map(before.map((one) => [one.id, one]));
  const now = next.map((one) => {
    const old = known.get(one.id);
    return old !== undefined && isAlike(old, one) ? old : one;
  });
  return before.length === now.length && now.every((one, index) => one === before[index]) ? before : now;
};
