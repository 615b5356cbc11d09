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

/** The positions of the log within which a document changed last. */
interface Changed {
  /** The first position that counts. */
  readonly from?: number;
  /** The last position that counts. */
  readonly to?: number;
}

/** The position of the newest event before a moment, or of the first one after it; undefined if there is none. */
const positionAt = async (
  client: Pick<Client, "query">,
  which: { readonly after: string } | { readonly before?: string },
  signal: AbortSignal,
): Promise<number | undefined> => {
  const order = "after" in which ? "oldest" : "newest";
  const { data } = await client.query("audit", "trail", { ...defined(which), order, limit: 1 }, { signal });
  return data.items[0]?.position;
};

/** The position of the newest event of the log; 0 if there is none. */
export const endOfLog = async (client: Pick<Client, "query">, signal: AbortSignal): Promise<number> =>
  (await positionAt(client, {}, signal)) ?? 0;

/** The positions between two moments. If nothing happened between them, no position counts. */
export const changedWithin = async (
  client: Pick<Client, "query">,
  { since, until }: { readonly since: string | undefined; readonly until: string | undefined },
  signal: AbortSignal,
): Promise<Changed> => {
  const none = Number.POSITIVE_INFINITY;
  const from = since === undefined ? undefined : ((await positionAt(client, { after: since }, signal)) ?? none);
  const to = until === undefined ? undefined : ((await positionAt(client, { before: until }, signal)) ?? 0);
  return defined({ from, to });
};

const positionOf = (item: unknown): number => {
  const position = typeof item === "object" && item !== null ? Reflect.get(item, "position") : undefined;
  return typeof position === "number" ? position : 0;
};

/**
 * The first items of a view's list that fit `filter`, at most 100 unless `limit` says otherwise. `cursor` is present if
 * there may be more. A page of the backend may end before its limit, because a message has a largest size; then the
 * next page is asked for. `from` and `to` need the order `newest`: what comes before `from` is not asked for.
 */
export const firstItems = async <V extends string>(
  client: Pick<Client, "query">,
  view: V,
  { filter = {}, limit, order, from = 0, to = Number.POSITIVE_INFINITY }: Omit<Asked, "cursor"> & Changed,
  signal: AbortSignal,
): Promise<Page<V>> => {
  const items: Array<Item<V>> = [];
  const wanted = limit ?? defaultLimit;
  let cursor: string | undefined;
  do {
    // The first page has no limit unless the user gave one, because not every list has pages.
    const next = cursor === undefined ? { limit } : { limit: wanted - items.length, cursor };
    const page: Page<V> = await pageOf(client, view, { filter, ...defined({ ...next, order }) }, signal);
    items.push(...page.items.filter((item) => positionOf(item) >= from && positionOf(item) <= to));
    const isPast = page.items.some((item) => positionOf(item) < from);
    cursor = isPast ? undefined : page.cursor;
  } while (cursor !== undefined && items.length < wanted);
  return { items, ...defined({ cursor }) };
};
