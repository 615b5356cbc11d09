import { isObject, type JsonObject } from "../../src/agents/kit/json.ts";
import type { Client } from "../../src/agents/kit/mod.ts";

/** Waits until a document of a view is as wanted. Gives up after two minutes. */
export const eventually = async (
  client: Client,
  view: string,
  id: string,
  wanted: (document: JsonObject) => boolean,
): Promise<JsonObject> => {
  const signal = AbortSignal.timeout(120_000);
  for await (const { document } of client.watch(view, { id }, signal)) {
    if (isObject(document) && wanted(document)) return document;
  }
  throw new Error(`${view} ${id} did not become what the benchmark waits for`);
};
