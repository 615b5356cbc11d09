import { type Draft, textOf } from "./draft.ts";
import { type Box, isInside, type Layout, layoutOf, type Spot } from "./layout.ts";
import { type Skeleton, skeletonOf } from "./skeleton.ts";

/** A line between two boxes: nodes of one need nodes of the other. */
export interface Line {
  /** The places of the boxes in the layout; the smaller first. */
  readonly one: number;
  readonly other: number;
}

/** The span of a wave, for its heading. */
export interface Span {
  readonly wave: number | undefined;
  readonly hosts: number;
  readonly left: number;
  readonly right: number;
}

/** What an overview draws. */
export interface Scene {
  readonly layout: Layout;
  /** The nodes of each box, in the order of the boxes. */
  readonly spotsOf: ReadonlyArray<ReadonlyArray<Spot>>;
  readonly lines: ReadonlyArray<Line>;
  readonly spans: ReadonlyArray<Span>;
  readonly width: number;
  readonly height: number;
}

/** Lines between hosts instead of edges between nodes: twenty thousand edges are a grey surface. */
const linesOf = (draft: Draft, { boxes }: Layout): ReadonlyArray<Line> => {
  const { placements } = skeletonOf(draft);
  const placeOf = new Map(boxes.map(({ host }, index) => [host, index]));
  const boxOf = (node: string): number | undefined => placeOf.get(placeOf.has(node) ? node : placements.get(node)?.[0]);
  const lines = new Map<number, Line>();
  for (const { type, from, to } of draft.edges) {
    if (type === "runs-on") continue;
    const [begin, end] = [boxOf(textOf(from)), boxOf(textOf(to))];
    if (begin === undefined || end === undefined || begin === end) continue;
    const line = { one: Math.min(begin, end), other: Math.max(begin, end) };
    lines.set(line.one * boxes.length + line.other, line);
  }
  return [...lines.values()];
};

const spansOf = ({ boxes }: Layout): ReadonlyArray<Span> =>
  [...Map.groupBy(boxes, ({ wave }) => wave)].map(([wave, inWave]) => ({
    wave,
    hosts: inWave.length,
    left: inWave.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY),
    right: inWave.reduce((most, { x, width }) => Math.max(most, x + width), 0),
  }));

const known = new WeakMap<Skeleton, Scene>();

/** Returns what the overview of a draft draws. Drafts of one shape have the very same scene. */
export const sceneOf = (draft: Draft): Scene => {
  const skeleton = skeletonOf(draft);
  const found = known.get(skeleton);
  if (found !== undefined) return found;
  const layout = layoutOf(draft);
  const inBox = Map.groupBy(layout.spots, ({ host }) => host);
  const scene = {
    layout,
    spotsOf: layout.boxes.map(({ host }) => inBox.get(host) ?? []),
    lines: linesOf(draft, layout),
    spans: spansOf(layout),
    width: layout.boxes.reduce((most, { x, width }) => Math.max(most, x + width), 1),
    height: layout.boxes.reduce((most, { y, height }) => Math.max(most, y + height), 1),
  };
  known.set(skeleton, scene);
  return scene;
};

/** What is drawn at a point of the layout: a node, else the box around it. */
export const placeAt = ({ layout, spotsOf }: Scene, x: number, y: number): Box | Spot | undefined => {
  const index = layout.boxes.findIndex((box) => isInside({ x, y }, box));
  return spotsOf[index]?.find((spot) => isInside({ x, y }, spot)) ?? layout.boxes[index];
};
