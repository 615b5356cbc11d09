import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { ListInput, list } from "../../../src/projections/list.ts";

const decode = Schema.decodeUnknownSync(ListInput);

const tasks = new Map<string, Schema.Json>([
  ["t3", { id: "t3", status: "failed", capabilities: ["deploy"], payload: { b: 2, a: 1 } }],
  ["t1", { id: "t1", status: "failed", capabilities: ["review", "deploy"] }],
  ["t2", { id: "t2", status: "completed", capabilities: [] }],
]);
const idsOf = (input: unknown): ReadonlyArray<unknown> =>
  list(tasks, decode(input)).items.map((item) => (item as { id: string }).id);

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
    expect(list(tasks, decode({ limit: 1 }), () => "short").items).toEqual(["short"]);
  });

  const keys = fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 5 }), { maxLength: 40 });
  const allPages = (
    documents: ReadonlyMap<string, Schema.Json>,
    limit: number,
    between: () => void = () => undefined,
  ): ReadonlyArray<Schema.Json> => {
    const pages: Array<Schema.Json> = [];
    let cursor: string | undefined;
    do {
      const page = list(documents, decode(cursor === undefined ? { limit } : { limit, cursor }));
      pages.push(...page.items);
      cursor = page.cursor;
      between();
    } while (cursor !== undefined);
    return pages;
  };

  test("and the others together are everything exactly once, in order", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 10 }), (ids, limit) => {
        expect(allPages(new Map(ids.map((id) => [id, id])), limit)).toEqual(ids.toSorted());
      }),
    );
  });
  test("misses and repeats nothing that is there all the time, while others come and go", () => {
    fc.assert(
      fc.property(keys, keys, fc.integer({ min: 1, max: 10 }), (ids, guests, limit) => {
        const comingAndGoing = guests.filter((id) => !ids.includes(id));
        const documents = new Map([...ids, ...comingAndGoing.slice(0, 5)].map((id) => [id, id]));
        let visits = 0;
        const seen = allPages(documents, limit, () => {
          const guest = comingAndGoing[visits++];
          if (guest !== undefined && !documents.delete(guest)) documents.set(guest, guest);
        });
        expect(seen.filter((id) => ids.includes(String(id)))).toEqual(ids.toSorted());
      }),
    );
  });
});
