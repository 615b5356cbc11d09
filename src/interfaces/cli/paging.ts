import type { Client, Json } from "../../agents/kit/mod.ts";
import { fieldOf, itemsOf, textOf } from "./document-text.ts";

const pageSize = 1000;

/** Every document of a view, page by page. */
export async function* everyDocument(client: Client, view: string, signal: AbortSignal): AsyncGenerator<Json> {
  let cursor: Json | undefined;
  do {
    const page = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
    const { data } = await client.query(view, "list", page, { signal });
    yield* itemsOf(data, "items");
    cursor = fieldOf(data, "cursor");
  } while (cursor !== undefined);
}

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
