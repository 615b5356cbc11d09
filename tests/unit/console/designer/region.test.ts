import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Draft, elementsOf, type Fields, nodeKey, withField } from "../../../../src/console/designer/draft.ts";
import { layoutOf, layoutOfPart } from "../../../../src/console/designer/layout.ts";
import { patched, patchOf } from "../../../../src/console/designer/patch.ts";
import { nodesIn, type Region, regionFrom, regionText } from "../../../../src/console/designer/region.ts";
import { rowsOf } from "../../../../src/console/designer/rows.ts";
import { sceneOf } from "../../../../src/console/designer/scene.ts";
import { Hearer, Teller } from "../../../../src/console/page/data/told-drafts.ts";

const draft: Draft = {
  id: "shop",
  nodes: [
    { id: "front", type: "host" },
    { id: "back", type: "host" },
    { id: "web", type: "service", command: "/bin/web" },
    { id: "db", type: "database", engine: "postgresql" },
    { id: "lost", type: "service" },
  ],
  edges: [
    { from: "web", type: "runs-on", to: "front" },
    { from: "db", type: "runs-on", to: "back" },
    { from: "web", type: "depends-on", to: "db" },
  ],
};

describe("a part of a graph", () => {
  test.each<[Region, ReadonlyArray<string>]>([
    [{ kind: "host", host: "front" }, ["front", "web"]],
    [{ kind: "host", host: "none" }, []],
    [{ kind: "wave", wave: 1 }, ["back", "db"]],
    [{ kind: "wave", wave: 9 }, []],
    [{ kind: "around", node: "web" }, ["web", "front", "db"]],
    [{ kind: "around", node: "none" }, []],
    [{ kind: "found", words: "POSTGRES data" }, ["db"]],
    [{ kind: "found", words: " " }, []],
  ])("%p has %p", (region, nodes) => expect(nodesIn(draft, region)).toEqual(nodes));

  test("is written into an address and read from it", () => {
    const regions: fc.Arbitrary<Region> = fc.oneof(
      fc.record({ kind: fc.constant("host" as const), host: fc.string() }),
      fc.record({ kind: fc.constant("wave" as const), wave: fc.nat(99_999) }),
      fc.record({ kind: fc.constant("around" as const), node: fc.string() }),
      fc.record({ kind: fc.constant("found" as const), words: fc.string() }),
    );
    fc.assert(fc.property(regions, (region) => expect(regionFrom(regionText(region))).toEqual(region)));
    expect(["", "wave:x", "host", "none:1"].map(regionFrom)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("is drawn with the hosts of its nodes, which keep their waves", () => {
    const { boxes, spots } = layoutOfPart(draft, (node) => node === "web");
    expect(spots.map(({ node, host }) => [node, host])).toEqual([["web", "front"]]);
    expect(boxes.map(({ host, wave }) => [host, wave])).toEqual([["front", 2]]);
  });
});

test("an overview has one line between two hosts, and the span of each wave", () => {
  const { lines, spans, layout } = sceneOf({ ...draft, edges: [...draft.edges, ...draft.edges.slice(2)] });
  expect(lines.map(({ one, other }) => [layout.boxes[one]?.host, layout.boxes[other]?.host])).toEqual([
    ["front", "back"],
  ]);
  expect(spans.map(({ wave, hosts }) => [wave, hosts])).toEqual([
    [undefined, 1],
    [2, 1],
    [1, 1],
  ]);
});

describe("a letter that is typed", () => {
  test("moves nothing: layout and outline are the very ones of before", () => {
    const turned = new Set<string>();
    const [layout, rows] = [layoutOf(draft), rowsOf(draft, turned)];
    const next = withField(draft, nodeKey("web"), ["command"], "/bin/other");
    expect(layoutOf(next)).toBe(layout);
    expect(rowsOf(next, turned)).toBe(rows);
    expect(elementsOf(next)).toEqual(elementsOf({ ...next }));
  });

  test("of a name moves what is called by it", () => {
    const next = withField(draft, nodeKey("web"), ["id"], "api");
    expect(layoutOf(next)).toEqual(layoutOf({ ...next }));
    expect(elementsOf(next)).toEqual(elementsOf({ ...next }));
    expect(layoutOf(next).spots.map(({ node }) => node)).toContain("api");
  });
});

const fields: fc.Arbitrary<Fields> = fc.record({ id: fc.constantFrom("a", "b", "c", "d") });
const drafts = fc.record({ id: fc.constantFrom("one", "two"), nodes: fc.array(fields), edges: fc.array(fields) });

describe("what goes to the worker", () => {
  test("a patch makes one draft of another", () => {
    fc.assert(fc.property(drafts, drafts, (one, other) => expect(patched(one, patchOf(one, other))).toEqual(other)));
    expect(patchOf(draft, withField(draft, nodeKey("db"), ["engine"], "mysql"))).toMatchObject({
      nodes: { from: 3, gone: 1, come: [{ id: "db" }] },
      edges: { gone: 0, come: [] },
    });
  });

  test("both sides have the same drafts, in whatever order they are named", () => {
    const orders = fc.array(drafts, { minLength: 1, maxLength: 14 }).chain((all) => fc.array(fc.constantFrom(...all)));
    fc.assert(
      fc.property(orders, (order) => {
        const [teller, hearer] = [new Teller(), new Hearer()];
        for (const one of order) expect(hearer.hear(structuredClone(teller.tell(one)))).toEqual(one);
      }),
    );
  });
});
