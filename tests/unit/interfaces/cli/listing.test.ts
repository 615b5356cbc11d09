import { describe, expect, test } from "@jest/globals";
import type { Client } from "../../../../src/agents/kit/mod.ts";
import { changedWithin, firstItems } from "../../../../src/interfaces/cli/documents.ts";
import { growingTable, listLines } from "../../../../src/interfaces/cli/listing.ts";

const now = Date.parse("2026-11-23T12:00:00.000Z");
const closure = "/nix/store/v1lphxk7fqda5j70vk6irlps8zkr6igw-nixos-system-leaf-1";

interface Thing {
  readonly id: string;
  readonly closure?: string;
  readonly since?: string;
}

const things = {
  headings: ["ID", "RUNS", "SINCE"],
  row: ({ id, closure, since }: Thing) => [id, closure, since],
};

describe("a list", () => {
  const items: ReadonlyArray<Thing> = [{ id: "leaf-1", closure, since: "2026-11-23T11:00:00.000Z" }, { id: "leaf-22" }];

  test("has ages, and the first 8 characters of closures", () => {
    expect(listLines("things", things, items, { now })).toEqual([
      "ID       RUNS      SINCE",
      "leaf-1   v1lphxk7  1 h ago",
      "leaf-22",
    ]);
  });

  test("has moments and whole closures if it is wide", () => {
    expect(listLines("things", things, items, { now, wide: true })[1]).toBe(
      `leaf-1   ${closure}  2026-11-23T11:00:00.000Z`,
    );
  });

  test("that goes on keeps its columns, also if it was empty", () => {
    const table = growingTable(things, items, { now });
    expect(table.lines).toEqual(listLines("things", things, items, { now }));
    expect(table.line({ id: "a", closure })).toBe("a        v1lphxk7");
    expect(growingTable(things, []).lines).toEqual(["ID  RUNS  SINCE"]);
  });
});

describe("a list of what changed within a time", () => {
  /** A log with an event each minute from 12:01, and a view whose newest documents come first, two a page. */
  const client = (documents: ReadonlyArray<number>) => {
    const asked: Array<unknown> = [];
    const minute = (at: string) => (Date.parse(at) - now) / 60_000;
    const query = async (view: string, _operation: string, input: Record<string, string | number>) => {
      asked.push(input);
      if (view !== "audit") {
        const from = Number(input.cursor ?? 0);
        const items = documents.slice(from, from + 2).map((position) => ({ id: `d${position}`, position }));
        return { data: from + 2 < documents.length ? { items, cursor: String(from + 2) } : { items } };
      }
      const positions = [1, 2, 3, 4, 5, 6, 7, 8].filter(
        (position) =>
          (input.after === undefined || position > minute(String(input.after))) &&
          (input.before === undefined || position < minute(String(input.before))),
      );
      const position = input.order === "newest" ? positions.at(-1) : positions[0];
      return { data: { items: position === undefined ? [] : [{ position }] } };
    };
    return { asked, client: { query } as unknown as Pick<Client, "query"> };
  };
  const signal = new AbortController().signal;
  const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
  const found = async (documents: ReadonlyArray<number>, since?: string, until?: string) => {
    const { asked, client: backend } = client(documents);
    const changed = await changedWithin(backend, { since, until }, signal);
    const { items } = await firstItems(backend, "things", { order: "newest", ...changed }, signal);
    return { ids: items.map((item) => Reflect.get(Object(item), "id")), pages: asked.length };
  };

  test("has what changed after and before, and asks for no page before that", async () => {
    expect(await found([8, 7, 5, 4, 2, 1], at(4))).toMatchObject({ ids: ["d8", "d7", "d5"], pages: 3 });
    expect(await found([8, 7, 5, 4, 2, 1], at(1), at(5))).toMatchObject({ ids: ["d4", "d2"] });
    expect(await found([8, 7, 5, 4, 2, 1], undefined, at(3))).toMatchObject({ ids: ["d2", "d1"] });
  });

  test("is empty if nothing happened then", async () => {
    expect((await found([8, 7], at(20))).ids).toEqual([]);
    expect((await found([8, 7], undefined, at(0))).ids).toEqual([]);
  });
});
