import { expect, test } from "@jest/globals";
import type { Client, Json } from "../../../../src/agents/kit/mod.ts";
import { firstItems } from "../../../../src/interfaces/cli/documents.ts";

/** A view of ten documents whose pages have room for three. */
const small = () => {
  const asked: Array<object> = [];
  const query = async (_view: string, _operation: string, input: { limit?: number; cursor?: string } = {}) => {
    asked.push(input);
    const { limit = 100, cursor = "-1" } = input;
    const start = Number(cursor) + 1;
    const items = Array.from({ length: 10 }, (_, id) => ({ id })).slice(start, start + Math.min(limit, 3));
    const end = start + items.length;
    const data: Json = end < 10 ? { items, cursor: String(end - 1) } : { items };
    return { position: 1, data };
  };
  const client: Pick<Client, "query"> = { query: query as Client["query"] };
  return { client, asked };
};
const { signal } = new AbortController();

test("a page that ends before its limit is gone on after", async () => {
  const { client, asked } = small();
  const { items, cursor } = await firstItems(client, "dialogs", { filter: { status: "open" } }, signal);
  expect(items).toEqual(Array.from({ length: 10 }, (_, id) => ({ id })));
  expect(cursor).toBeUndefined();
  expect(asked).toEqual([
    { filter: { status: "open" } },
    { filter: { status: "open" }, limit: 97, cursor: "2" },
    { filter: { status: "open" }, limit: 94, cursor: "5" },
    { filter: { status: "open" }, limit: 91, cursor: "8" },
  ]);
});

test("no more are given than were asked for, and it shows that there are more", async () => {
  const { client } = small();
  const { items, cursor } = await firstItems(client, "dialogs", { limit: 4 }, signal);
  expect([items.length, cursor]).toEqual([4, "3"]);
});
