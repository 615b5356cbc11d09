import type { Client, Json } from "../../agents/kit/mod.ts";
import { pages } from "../../agents/kit/view.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { fieldOf, itemsOf, textOf } from "./text.ts";

const pageSize = 1000;

/** Every document of a view, page by page. */
export async function* everyDocument(client: Client, view: string, signal: AbortSignal): AsyncGenerator<Json> {
  const all = pages(
    (cursor?: Json) => client.query(view, "list", defined({ limit: pageSize, cursor }), { signal }),
    ({ data }) => fieldOf(data, "cursor"),
  );
  for await (const { data } of all) yield* itemsOf(data, "items");
}

const defaultLimit = 100;

/**
 * The first documents of a view that fit `filter`, 100 of them where nothing else is said; `cursor` is there where more may
 * follow. A page of the backend ends before its limit where it would be larger than a message: then the next one is asked for.
 */
export const firstDocuments = async (
  client: Pick<Client, "query">,
  view: string,
  { filter = {}, limit }: { readonly filter?: { readonly [field: string]: Json }; readonly limit?: number },
  signal: AbortSignal,
): Promise<{ readonly items: ReadonlyArray<Json>; readonly cursor?: Json }> => {
  const items: Array<Json> = [];
  const wanted = limit ?? defaultLimit;
  let cursor: Json | undefined;
  do {
    // Not every list has pages: the first one is asked for as it was asked of us.
    const next = cursor === undefined ? { limit } : { limit: wanted - items.length, cursor };
    const { data } = await client.query(view, "list", { filter, ...defined(next) }, { signal });
    items.push(...itemsOf(data, "items"));
    cursor = fieldOf(data, "cursor");
  } while (cursor !== undefined && items.length < wanted);
  return cursor === undefined ? { items } : { items, cursor };
};

/** What a host runs, and the deployment that put it there (empty where none did). */
export interface RunningHost {
  readonly closure: string;
  readonly deployment: string;
}

/** What every host runs, as far as the installation knows. */
export const runningHosts = async (client: Client, signal: AbortSignal): Promise<ReadonlyMap<string, RunningHost>> => {
  const hosts = new Map<string, RunningHost>();
  for await (const host of everyDocument(client, "hosts", signal)) {
    const closure = textOf(host, "closure");
    if (closure !== "") hosts.set(textOf(host, "id"), { closure, deployment: textOf(host, "deployment") });
  }
  return hosts;
};
