import type { Command } from "commander";
import type { Client, DocumentChange, Json } from "../../agents/kit/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { firstDocuments } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { Invocation, Runner } from "./invocation.ts";
import { integer } from "./settings.ts";
import { documentText, fieldOf, table, textOf } from "./text.ts";

/** How the documents of a view are listed. */
export interface Listing {
  readonly headings: ReadonlyArray<string>;
  /** A document as the cells under the headings. */
  readonly row: (document: Json) => ReadonlyArray<string>;
  /** Adds to documents what the list shows and they do not have. */
  readonly complete?: (client: Client, items: ReadonlyArray<Json>, signal: AbortSignal) => Promise<ReadonlyArray<Json>>;
}

/** A list with a column for each of these fields; `nodeCount` is headed NODE COUNT. */
export const columns = (...fields: ReadonlyArray<string>): Listing => ({
  headings: fields.map((field) => field.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase()),
  row: (document) => fields.map((field) => textOf(document, field)),
});

/** Documents as a table; `things` is what the documents are of. */
export const listText = (things: string, { headings, row }: Listing, items: ReadonlyArray<Json>): string =>
  items.length === 0 ? `no ${things}` : table(headings, items.map(row));

type Filter = { readonly [field: string]: Json };

/** `status=online` as a condition; what reads as JSON is meant as such (`archived=false`). */
const condition = (text: string, before: Filter = {}): Filter => {
  const at = text.indexOf("=");
  if (at < 1) throw usageFailure(`--filter ${text}: write FIELD=VALUE, such as status=online`);
  return { ...before, [text.slice(0, at)]: scalar(text.slice(at + 1)) };
};

const scalar = (text: string): Json =>
  /^(?:true|false|null|-?\d+(?:\.\d+)?)$/.test(text) ? (JSON.parse(text) as Json) : text;

/** The rule of the contract's `list`: the field equals the value, or is a list that has it. */
const matches = (document: Json, filter: Filter): boolean =>
  Object.entries(filter).every(([field, wanted]) => {
    const value = fieldOf(document, field);
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  });

/** Documents as they change, one a line, until the user has seen enough. */
const watch = async (
  { output, signal }: Invocation,
  client: Client,
  [view, { row }]: readonly [view: string, listing: Listing],
  options: { readonly id?: string; readonly filter?: Filter },
): Promise<number> => {
  const { filter = {}, ...which } = options;
  for await (const { id, document } of client.watch(view, which, signal) as AsyncIterable<DocumentChange>) {
    if (document === undefined) {
      if (output.json) output.document({ id, removed: true });
      else output.result(`${id} removed`);
    } else if (matches(document, filter)) {
      if (output.json) output.document(document);
      else
        output.result(
          row(document)
            .filter((cell) => cell !== "")
            .join("  "),
        );
    }
  }
  return exitCode.interrupted;
};

interface ListOptions {
  readonly filter?: Filter;
  readonly limit?: number;
  readonly watch?: boolean;
}

const list = (view: string, listing: Listing, options: ListOptions) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { filter = {}, limit } = options;
    if (options.watch === true) return watch(cli, client, [view, listing], { filter });
    const found = await firstDocuments(client, view, { filter, ...defined({ limit }) }, cli.signal);
    if (cli.output.json) cli.output.document(found);
    const items = await (listing.complete?.(client, found.items, cli.signal) ?? found.items);
    cli.output.result(listText(view, listing, items));
    if (found.cursor !== undefined) cli.output.note("there are more: raise --limit, or use --filter");
    return exitCode.done;
  });

interface GetOptions {
  readonly watch?: boolean;
  readonly version?: number;
}

const get = (view: string, listing: Listing, id: string, options: GetOptions) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { version } = options;
    const { data } = await client.query(view, "get", { id, ...defined({ version }) }, { signal: cli.signal });
    if (options.watch === true) return watch(cli, client, [view, listing], { id });
    if (cli.output.json) cli.output.document(data);
    cli.output.result(documentText(data));
    return exitCode.done;
  });

/** Adds `list` and `get` of a view to a group of commands, and returns `get`. */
export const addViewCommands = (group: Command, view: string, listing: Listing, runner: Runner): Command => {
  group
    .command("list")
    .description(`Lists ${view}.`)
    .option("--filter <field=value>", "only if the field is, or holds, the value; several must all fit", condition)
    .option("--limit <count>", "at most this number (default: 100)", integer(1))
    .option("--watch", "go on with every change")
    .action((options: ListOptions, command) => runner.run(command, list(view, listing, options)));
  return group
    .command("get <id>")
    .description(`Prints one of the ${view}.`)
    .option("--watch", "go on with every change")
    .action((id: string, options: GetOptions, command) => runner.run(command, get(view, listing, id, options)));
};
