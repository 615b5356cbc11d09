import { useCallback, useState } from "react";

interface Point {
  readonly x: number;
  readonly y: number;
}
type Moved = ReadonlyMap<string, Point>;

const placeOf = (graph: string): string => `cim-boxes/${graph}`;

const isPoint = (value: unknown): value is Point =>
  typeof value === "object" &&
  value !== null &&
  "x" in value &&
  "y" in value &&
  Number.isFinite(value.x) &&
  Number.isFinite(value.y);

const kept = (graph: string): Moved => {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(placeOf(graph)) ?? "{}");
    return new Map(Object.entries(found ?? {}).filter((entry): entry is [string, Point] => isPoint(entry[1])));
  } catch {
    return new Map();
  }
};

/**
 * Where one has moved boxes to, in this browser. It is no part of the graph: a moved box must not change a digest, and so
 * void an approval. The last function forgets it.
 */
export const useMovedBoxes = (graph: string): readonly [Moved, (id: string, to: Point) => void, () => void] => {
  const [moved, setMoved] = useState(() => kept(graph));
  const set = useCallback(
    (next: Moved) => {
      setMoved(next);
      try {
        if (next.size === 0) localStorage.removeItem(placeOf(graph));
        else localStorage.setItem(placeOf(graph), JSON.stringify(Object.fromEntries(next)));
      } catch {
        // There is no room left: the boxes stay as long as this page.
      }
    },
    [graph],
  );
  const move = useCallback((id: string, { x, y }: Point) => set(new Map([...moved, [id, { x, y }]])), [set, moved]);
  const tidy = useCallback(() => set(new Map()), [set]);
  return [moved, move, tidy];
};
