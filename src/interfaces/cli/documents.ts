import type { Client, Json } from "../../agents/kit/mod.ts";
import type { ViewDocument } from "../../agents/kit/view.ts";
import type { ItemOf, ViewName } from "../../contract/views/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";

/** An item of a view's list: what the contract says, or any JSON if the view is not known when this is compiled. */
export type Item<V extends string> = V extends ViewName ? ItemOf<V> : Json;

/** What a list of the command line shows: an item of the view's list or, with `--watch`, a document. */
export type Listed<V extends string> = Item<V> | ViewDocument<V>;

interface Page<V extends string> {
  readonly items: ReadonlyArray<Item<V>>;
  /** There may be more after it. */
  readonly cursor?: string;
}

/** A condition on fields: each equals the value, or is a list that has it. */
export type Filter = { readonly [field: string]: Json };

/** The order of a list: by id, or what changed last first. */
export const orders = ["id", "newest"] as const;
export type Order = (typeof orders)[number];

interface Asked {
  readonly filter?: Filter;
  readonly limit?: number;
  readonly order?: Order;
  readonly cursor?: string;
}

/** One page of a view's list. The connection checks every answer, so the page is what the contract says. */
const pageOf = async <V extends string>(
  client: Pick<Client, "query">,
  view: V,
  asked: Asked,
  signal: AbortSignal,
): Promise<Page<V>> => {
  const { data }: { readonly data: unknown } = await client.query<string, string>(view, "list", asked, { signal });
  return data as Page<V>;
};

const pageSize = 1000;

/** Every item of a view's list, page by page. */
export async function* everyItem<V extends string>(
  client: Pick<Client, "query">,
  view: V,
  signal: AbortSignal,
): AsyncGenerator<Item<V>> {
  let cursor: string | undefined;
  do {
    const page: Page<V> = await pageOf(client, view, { limit: pageSize, ...defined({ cursor }) }, signal);
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

const defaultLimit = 100;

/**
 * The first items of a view's list that fit `filter`, at most 100 unless `limit` says otherwise. `cursor` is present if
 * there may be more. A page of the backend may end before its limit, because a message has a largest size; then the
 * next page is asked for.
 */
export const firstItems = async <V extends string>(
  client: Pick<Client, "query">,
  view: V,
  { filter = {}, limit, order }: Omit<Asked, "cursor">,
  signal: AbortSignal,
): Promise<Page<V>> => {
  const items: Array<Item<V>> = [];
  const wanted = limit ?? defaultLimit;
  let cursor: string | undefined;
  do {
    // The first page has no limit unless the user gave one, because not every list has pages.
    const next = cursor === undefined ? { limit } : { limit: wanted - items.length, cursor };
    const page: Page<V> = await pageOf(client, view, { filter, ...defined({ ...next, order }) }, signal);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && items.length < wanted);
  return { items, ...defined({ cursor }) };
};
