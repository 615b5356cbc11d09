import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { pageOf } from "../../../src/application/operations/documents.ts";
import { ListInput } from "../../../src/contract/views/view.ts";

const decode = Schema.decodeUnknownSync(ListInput);

type Item = { readonly id: string; readonly [field: string]: Schema.Json };
const list = (documents: ReadonlyMap<string, Item>, input: ListInput, room = Number.POSITIVE_INFINITY) =>
  pageOf(documents, input, (document) => document, room);

const tasks = new Map<string, Item>([
  ["t3", { id: "t3", status: "failed", capabilities: ["deploy"], payload: { b: 2, a: 1 } }],
  ["t1", { id: "t1", status: "failed", capabilities: ["review", "deploy"] }],
  ["t2", { id: "t2", status: "completed", capabilities: [] }],
]);
const idsOf = (input: unknown): ReadonlyArray<unknown> => list(tasks, decode(input)).items.map(({ id }) => id);

describe("a filter", () => {
  test.each([
    [{}, ["t1", "t2", "t3"]],
    [{ status: "failed" }, ["t1", "t3"]],
    [{ capabilities: "deploy" }, ["t1", "t3"]],
    [{ capabilities: "review", status: "failed" }, ["t1"]],
    [{ capabilities: [] }, ["t2"]],
    [{ payload: { a: 1, b: 2 } }, ["t3"]],
    [{ status: "Failed" }, []],
    [{ unknown: null }, []],
    [{ constructor: "x" }, []],
  ])("%j finds %j", (filter, ids) => {
    expect(idsOf({ filter })).toEqual(ids);
  });
});

describe("the order `newest`", () => {
  test("puts what changed last first, in pages without a gap", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1e12 }), { maxLength: 30 }), (positions) => {
        const documents = new Map(positions.map((position, index) => [`d${index}`, { id: `d${index}`, position }]));
        const seen: Array<unknown> = [];
        for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
          const page = list(
            documents,
            decode(cursor === undefined ? { order: "newest", limit: 4 } : { order: "newest", limit: 4, cursor }),
          );
          seen.push(...page.items.map((item) => ("position" in item ? item.position : undefined)));
          cursor = page.cursor;
        }
        expect(seen).toEqual(positions.toSorted((one, other) => other - one));
      }),
    );
  });

  test("goes by the ids if nothing says when it changed", () => {
    expect(idsOf({ order: "newest" })).toEqual(["t1", "t2", "t3"]);
  });
});

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe("a page that has no room for all", () => {
  const pagesIn = (documents: ReadonlyMap<string, Item>, room: number, limit = 100) => {
    const pages = [list(documents, decode({ limit }), room)];
    for (let cursor = pages[0]?.cursor; cursor !== undefined; cursor = pages.at(-1)?.cursor)
      pages.push(list(documents, decode({ limit, cursor }), room));
    return pages;
  };

  test("ends where it would get too large, and the others go on there", () => {
    const texts = fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 30 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 700, max: 900 }), fc.integer({ min: 1, max: 10 }), (ids, room, limit) => {
        const documents = new Map(ids.map((id) => [id, { id, text: id }]));
        const pages = pagesIn(documents, room, limit);
        for (const page of pages) expect(bytesOf(page)).toBeLessThanOrEqual(room);
        expect(pages.flatMap(({ items }) => items)).toEqual(ids.toSorted().map((id) => ({ id, text: id })));
      }),
    );
  });
  test("is as full as it can be", () => {
    const documents = new Map(["a", "b", "c"].map((id) => [id, { id }]));
    const exactly = bytesOf({ items: [{ id: "a" }, { id: "b" }], cursor: "b" });
    expect(list(documents, decode({}), exactly).items).toHaveLength(2);
    expect(list(documents, decode({}), exactly - 1).items).toHaveLength(1);
  });
  test("shows a document that is too large by itself without its largest fields, and names them", () => {
    const large = (id: string) => ({ id, turns: ["é".repeat(1000)], status: "open", context: "x".repeat(300) });
    const documents = new Map<string, Item>([
      ["a", { id: "a", status: "open" }],
      ["b", large("b")],
      ["c", large("c")],
      ["d", { id: "d" }],
    ]);
    const pages = pagesIn(documents, 500);
    for (const page of pages) expect(bytesOf(page)).toBeLessThanOrEqual(500);
    const shown = (id: string) => ({ id, status: "open", context: "x".repeat(300), leftOut: ["turns"] });
    expect(pages.flatMap(({ items }) => items)).toEqual([
      { id: "a", status: "open" },
      shown("b"),
      shown("c"),
      { id: "d" },
    ]);
    expect(pagesIn(documents, 200)[1]?.items).toEqual([{ id: "b", status: "open", leftOut: ["turns", "context"] }]);
  });
  test("is found by fields that it does not show", () => {
    const documents = new Map([["a", { id: "a", text: "x".repeat(500) }]]);
    const page = list(documents, decode({ filter: { text: "x".repeat(500) } }), 100);
    expect(page).toEqual({ items: [{ id: "a", leftOut: ["text"] }] });
  });
});

describe("a page", () => {
  test("has 100 documents unless asked otherwise, and at most 1000", () => {
    expect(decode({}).limit).toBe(100);
    for (const limit of [0, 1001, 1.5]) expect(() => decode({ limit })).toThrow();
  });
  test("has no cursor where nothing follows", () => {
    expect(list(tasks, decode({ limit: 3 }))).not.toHaveProperty("cursor");
    expect(list(tasks, decode({ limit: 2 }))).toHaveProperty("cursor");
    expect(list(new Map(), decode({}))).toEqual({ items: [] });
  });
  test("shows summaries where the view has them", () => {
    const short = ({ id }: Item) => ({ id, text: "short" });
    expect(pageOf(tasks, decode({ limit: 1 }), short, Number.POSITIVE_INFINITY).items).toEqual([
      { id: "t1", text: "short" },
    ]);
  });

  const keys = fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 5 }), { maxLength: 40 });
  const allPages = (
    documents: ReadonlyMap<string, Item>,
    limit: number,
    between: () => void = () => undefined,
  ): ReadonlyArray<string> => {
    const pages: Array<string> = [];
    let cursor: string | undefined;
    do {
      const page = list(documents, decode(cursor === undefined ? { limit } : { limit, cursor }));
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
      between();
    } while (cursor !== undefined);
    return pages;
  };

  test("and the others together are everything exactly once, in order", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 10 }), (ids, limit) => {
        expect(allPages(new Map(ids.map((id) => [id, { id }])), limit)).toEqual(ids.toSorted());
      }),
    );
  });
  test("misses and repeats nothing that is there all the time, while others come and go", () => {
    fc.assert(
      fc.property(keys, keys, fc.integer({ min: 1, max: 10 }), (ids, guests, limit) => {
        const comingAndGoing = guests.filter((id) => !ids.includes(id));
        const documents = new Map([...ids, ...comingAndGoing.slice(0, 5)].map((id) => [id, { id }]));
        let visits = 0;
        const seen = allPages(documents, limit, () => {
          const guest = comingAndGoing[visits++];
          if (guest !== undefined && !documents.delete(guest)) documents.set(guest, { id: guest });
        });
        expect(seen.filter((id) => ids.includes(id))).toEqual(ids.toSorted());
      }),
    );
  });
});
