import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Draft, draftOf, type Fields } from "../../../../src/console/designer/draft.ts";
import { type Layout, layoutOf, nearest, type Place } from "../../../../src/console/designer/layout.ts";
import { nodeTypeNames } from "../../../../src/domain/graph/types.ts";

const overlap = (one: Place, other: Place): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

const overlaps = (places: ReadonlyArray<Place>): ReadonlyArray<readonly [Place, Place]> =>
  places.flatMap((one, index) =>
    places.slice(index + 1).flatMap((other) => (overlap(one, other) ? [[one, other] as const] : [])),
  );

const boxOf = ({ boxes }: Layout, host: string | undefined) => boxes.find((box) => box.host === host);

/** Graphs of any form: cycles, replicas, nodes that run nowhere, edges to nothing. */
const drafts = fc
  .uniqueArray(fc.record({ id: fc.stringMatching(/^[a-d][0-9]?$/), type: fc.constantFrom(...nodeTypeNames) }), {
    selector: ({ id }) => id,
    maxLength: 24,
  })
  .chain((nodes) => {
    const id = fc.constantFrom("nothing", ...nodes.map((node) => node.id));
    const type = fc.constantFrom("runs-on", "runs-on", "depends-on", "connects-to", "monitors");
    return fc
      .array(fc.record({ from: id, type, to: id }), { maxLength: 60 })
      .map((edges): Draft => ({ id: "any", nodes, edges }));
  });

describe("the layout", () => {
  test("no box and no node lies over another, and each node lies in the box of its host", () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const layout = layoutOf(draft);
        expect(overlaps(layout.boxes)).toEqual([]);
        expect(overlaps(layout.spots)).toEqual([]);
        for (const spot of layout.spots) {
          const box = boxOf(layout, spot.host);
          expect(box).toBeDefined();
          if (box === undefined) continue;
          expect(spot.x >= box.x && spot.x + spot.width <= box.x + box.width).toBe(true);
          expect(spot.y >= box.y && spot.y + spot.height <= box.y + box.height).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("is the same in whatever order the graph was written, and whenever it is asked for", () => {
    fc.assert(
      fc.property(
        drafts.chain((draft) =>
          fc.tuple(
            fc.constant(draft),
            fc.shuffledSubarray([...draft.nodes], { minLength: draft.nodes.length }),
            fc.shuffledSubarray([...draft.edges], { minLength: draft.edges.length }),
          ),
        ),
        ([draft, nodes, edges]) => {
          expect(layoutOf({ ...draft, nodes, edges })).toEqual(layoutOf(draft));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("has every node: once for each host that it runs on, and edges end at one of them", () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const { boxes, spots } = layoutOf(draft);
        const hosts = draft.nodes.filter(({ type }) => type === "host").map(({ id }) => id);
        expect(boxes.flatMap(({ host }) => host ?? []).toSorted()).toEqual(hosts.toSorted());
        for (const { id } of draft.nodes.filter(({ type }) => type !== "host"))
          expect(spots.filter(({ node, isFirst }) => node === id && isFirst)).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  test("the last wave stands at the left, and what needs others above them", () => {
    const path = new URL("../../../../examples/five-services.json", import.meta.url);
    const read = draftOf("five-services", JSON.parse(readFileSync(path, "utf8")));
    if ("fault" in read) throw new Error(read.fault);
    const layout = layoutOf(read.draft);
    expect(boxOf(layout, "leaf-1")?.wave).toBe(2);
    expect(boxOf(layout, "leaf-1")?.x).toBeLessThan(boxOf(layout, "leaf-2")?.x ?? 0);
    const spot = (id: string) => layout.spots.find(({ node }) => node === id);
    expect(spot("worker")?.y).toBeLessThan(spot("postgres")?.y ?? 0);
  });

  test("in a graph of 10,000 nodes each has a place of its own", () => {
    const hosts = Array.from({ length: 400 }, (_, index): Fields => ({ id: `h${index}`, type: "host" }));
    const services = Array.from({ length: 9_600 }, (_, index): Fields => ({ id: `s${index}`, type: "service" }));
    const edges = services.flatMap(
      ({ id }, index): ReadonlyArray<Fields> => [
        { from: id ?? "", type: "runs-on", to: `h${index % 400}` },
        { from: id ?? "", type: "depends-on", to: `s${Math.floor(index / 2)}` },
      ],
    );
    const { spots } = layoutOf({ id: "large", nodes: [...hosts, ...services], edges });
    expect(spots).toHaveLength(9_600);
    expect(new Set(spots.map(({ x, y }) => `${x} ${y}`)).size).toBe(9_600);
  });
});

describe("arrow keys", () => {
  const at = (x: number, y: number) => ({ x, y, width: 10, height: 10, name: `${x} ${y}` });
  const places = [at(0, 0), at(100, 0), at(200, 0), at(0, 100), at(110, 130)];

  test("go to the nearest node in a direction", () => {
    expect(nearest(places, at(0, 0), "right")?.name).toBe("100 0");
    expect(nearest(places, at(0, 0), "down")?.name).toBe("0 100");
    expect(nearest(places, at(100, 0), "down")?.name).toBe("110 130");
    expect(nearest(places, at(200, 0), "left")?.name).toBe("100 0");
    expect(nearest(places, at(0, 0), "up")).toBeUndefined();
  });

  test("lead to every node of a picture from any other", () => {
    const reached = new Set(["0 0"]);
    const open = [at(0, 0)];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const direction of ["left", "right", "up", "down"] as const) {
        const found = nearest(places, next, direction);
        if (found === undefined || reached.has(found.name)) continue;
        reached.add(found.name);
        open.push(found);
      }
    expect(reached.size).toBe(places.length);
  });
});
