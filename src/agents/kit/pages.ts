import type { Client, QueryOptions } from "./client.ts";
import { isObject, type JsonObject } from "./json.ts";

/** Asks for page after page: `next` of an answer is what is asked for as `from`, until there is none. */
async function* pages(
  client: Pick<Client, "query">,
  [view, operation]: readonly [view: string, operation: string],
  input: JsonObject,
  { next, from }: { readonly next: string; readonly from: string },
  options: QueryOptions,
): AsyncGenerator<JsonObject & { readonly position: number }> {
  for (let asked = input; ; ) {
    const { position, data } = await client.query(view, operation, asked, options);
    if (!isObject(data)) return;
    yield { ...data, position };
    const goOn = data[next];
    if (goOn === undefined) return;
    asked = { ...input, [from]: goOn };
  }
}

/** The pages of a view's documents, each with the position of the log that it is of. */
export const listPages = (client: Pick<Client, "query">, view: string, input: JsonObject, options: QueryOptions) =>
  pages(client, [view, "list"], input, { next: "cursor", from: "cursor" }, options);

/** The pages of a dialog's transcript. */
export const transcriptPages = (client: Pick<Client, "query">, input: JsonObject, options: QueryOptions) =>
  pages(client, ["dialogs", "transcript"], input, { next: "next", from: "from" }, options);
