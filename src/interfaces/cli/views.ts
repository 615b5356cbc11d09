import { type Command, Option } from "commander";
import type { Schema } from "effect";
import type { Client, Json } from "../../agents/kit/mod.ts";
import { publishedViews } from "../../contract/views/mod.ts";
import type { PublishedView } from "../../contract/views/view.ts";
import { choiceText } from "../../domain/graph/complaints.ts";
import { defined, type PlainSchema } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { type Filter, firstItems, type Listed, type Order, orders } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { Invocation, Runner } from "./invocation.ts";
import { integer, moment } from "./settings.ts";
import { cellText, documentLines, table } from "./text.ts";

/** How the items of a view's list are shown. */
export interface Listing<Shown> {
  readonly headings: ReadonlyArray<string>;
  /** The word for what is listed; the name of the view if it is absent. */
  readonly things?: string;
  /** The values under the headings; `undefined` leaves a cell empty. */
  readonly row: (item: Shown) => ReadonlyArray<unknown>;
  /** What `get` says of a document in words, below its fields. */
  readonly words?: (document: Shown) => ReadonlyArray<string>;
  /** Says what of all items an operator should know too. */
  readonly note?: (cli: Invocation, client: Client) => Promise<void>;
  /** Adds to items what the list shows and they do not have. */
  readonly complete?: (
    client: Client,
    items: ReadonlyArray<Shown>,
    signal: AbortSignal,
  ) => Promise<ReadonlyArray<Shown>>;
}

type FieldOf<T> = T extends object ? keyof T & string : never;

const fieldOf = (document: unknown, field: string): unknown =>
  typeof document === "object" && document !== null ? Reflect.get(document, field) : undefined;

/** A list with a column for each of these fields of a view; `nodeCount` is headed NODE COUNT. */
export const columns = <V extends string>(...fields: ReadonlyArray<FieldOf<Listed<V>>>): Listing<Listed<V>> => ({
  headings: fields.map((field) => field.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase()),
  row: (item) => fields.map((field) => fieldOf(item, field)),
});

/** The cells of an item, safe for a terminal. */
export const cellsOf = <Shown>({ row }: Listing<Shown>, item: Shown): ReadonlyArray<string> => row(item).map(cellText);

/** Items as a table; `things` is the word for them. */
export const listLines = <Shown>(
  things: string,
  listing: Listing<Shown>,
  items: ReadonlyArray<Shown>,
): ReadonlyArray<string> =>
  items.length === 0
    ? [`no ${things}`]
    : table(
        listing.headings,
        items.map((item) => cellsOf(listing, item)),
      );

/**
 * `status=online` as a condition. A value that is a JSON number, boolean or null is taken as that (`archived=false`).
 */
const condition = (text: string, before: Filter = {}): Filter => {
  const at = text.indexOf("=");
  if (at < 1) throw usageFailure(`--filter ${text}: write FIELD=VALUE, such as status=online`);
  return { ...before, [text.slice(0, at)]: scalar(text.slice(at + 1)) };
};

const scalar = (text: string): Json =>
  /^(?:true|false|null|-?\d+(?:\.\d+)?)$/.test(text) ? (JSON.parse(text) as Json) : text;

const views: Readonly<Record<string, PublishedView>> = publishedViews;

/** The fields of a view's documents. Undefined if they are not fixed. */
const fieldsOf = (schema: PlainSchema | undefined): Readonly<Record<string, Schema.Top>> | undefined =>
  schema !== undefined && "fields" in schema ? (schema.fields as Readonly<Record<string, Schema.Top>>) : undefined;

/** The values that a field can have, if it is one of a few words. */
const choicesOf = (schema: Schema.Top): ReadonlyArray<string> => {
  if (!("literals" in schema) || !Array.isArray(schema.literals)) return [];
  return schema.literals.filter((literal) => typeof literal === "string");
};

/** Refuses a filter that nothing can fit: a field that the view does not have, or a word that the field never is. */
export const checkFilter = (view: string, filter: Filter): void => {
  const fields = fieldsOf(views[view]?.document);
  if (fields === undefined) return;
  for (const [name, value] of Object.entries(filter)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined)
      throw usageFailure(`--filter: ${view} have no field \`${name}\`: ${choiceText(name, Object.keys(fields))}`);
    const choices = choicesOf(field);
    if (choices.length > 0 && !choices.includes(String(value)))
      throw usageFailure(
        `--filter: \`${name}\` of ${view} is never \`${value}\`: ${choiceText(String(value), choices)}`,
      );
  }
};

/** The rule of the contract's `list`: the field equals the value, or is a list that has it. */
const matches = (document: unknown, filter: Filter): boolean =>
  Object.entries(filter).every(([field, wanted]) => {
    const value = fieldOf(document, field);
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  });

/** Prints documents as they change, one a line, until a signal ends the command. */
const watch = async <V extends string>(
  { output, signal }: Invocation,
  client: Client,
  [view, listing]: readonly [view: V, listing: Listing<Listed<V>>],
  { filter = {}, ...which }: { readonly id?: string; readonly filter?: Filter },
): Promise<number> => {
  for await (const { id, document } of client.watch(view, which, signal)) {
    if (document === undefined) {
      if (output.json) output.document({ id, removed: true });
      output.result(`${id} removed`);
    } else if (matches(document, filter)) {
      if (output.json) output.document(document);
      const cells = cellsOf(listing, document).filter((cell) => cell !== "");
      output.result(cells.join("  "));
    }
  }
  return exitCode.interrupted;
};

/** The client, whose questions are about this moment if there is one. */
const asOf = (client: Client, at: number | string | undefined): Client => (at === undefined ? client : client.asOf(at));

/** `--at`: a position of the log, or a moment. */
const momentOrPosition = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : moment(text));

const addAt = (command: Command): Command =>
  command.addOption(
    new Option("--at <moment>", "as it was then: a position of the log, ISO 8601, or how long ago (10m)")
      .argParser(momentOrPosition)
      .conflicts("watch"),
  );

interface ListOptions {
  readonly at?: number | string;
  readonly filter?: Filter;
  readonly limit?: number;
  readonly sort?: Order;
  readonly watch?: boolean;
}

/** Lists of what comes and goes begin with what changed last; lists of what stays go by id. */
const usualOrder = (view: string): Order =>
  ["tasks", "dialogs", "proposals", "deployments", "freezes", "parked"].includes(view) ? "newest" : "id";

const list =
  <V extends string>(view: V, listing: Listing<Listed<V>>, options: ListOptions) =>
  (cli: Invocation) =>
    withClient(cli, async (connected) => {
      const { filter = {}, limit, at, sort = usualOrder(view) } = options;
      // The backend's own order is by id, and not every list has another.
      const order = sort === "id" ? undefined : sort;
      checkFilter(view, filter);
      const client = asOf(connected, at);
      if (options.watch === true) return watch(cli, client, [view, listing], { filter });
      const found = await firstItems(client, view, { filter, ...defined({ limit, order }) }, cli.signal);
      if (cli.output.json) cli.output.document(found);
      const items = await (listing.complete?.(client, found.items, cli.signal) ?? found.items);
      cli.output.result(listLines(listing.things ?? view, listing, items));
      await listing.note?.(cli, client);
      if (found.cursor !== undefined) cli.output.note("there are more: raise --limit, or use --filter");
      return exitCode.done;
    });

interface GetOptions {
  readonly at?: number | string;
  readonly watch?: boolean;
  readonly version?: number;
}

const get =
  <V extends string>(view: V, listing: Listing<Listed<V>>, id: string, options: GetOptions) =>
  (cli: Invocation) =>
    withClient(cli, async (connected) => {
      const client = asOf(connected, options.at);
      const input = { id, ...defined({ version: options.version }) };
      const { data } = await client.query<string, string>(view, "get", input, { signal: cli.signal });
      if (options.watch === true) return watch(cli, client, [view, listing], { id });
      if (cli.output.json) cli.output.document(data);
      cli.output.result([...documentLines(data), ...(listing.words?.(data as Listed<V>) ?? [])]);
      return exitCode.done;
    });

/** Adds `list` and `get` of a view to a group of commands, and returns `get`. */
export const addViewCommands = <V extends string>(
  group: Command,
  view: V,
  listing: Listing<Listed<V>>,
  runner: Runner,
): Command => {
  const lists = group
    .command("list")
    .description(`Lists ${view}.`)
    .option("--filter <field=value>", "only if the field is, or holds, the value; several must all fit", condition)
    .option("--limit <count>", "at most this number (default: 100)", integer(1))
    .addOption(
      new Option("--sort <order>", `by id, or what changed last first (default: ${usualOrder(view)})`).choices(orders),
    )
    .option("--watch", "go on with every change")
    .action((options: ListOptions, command) => runner.run(command, list(view, listing, options)));
  addAt(lists);
  const gets = group
    .command("get <id>")
    .description(`Prints one of the ${view}.`)
    .option("--watch", "go on with every change")
    .action((id: string, options: GetOptions, command) => runner.run(command, get(view, listing, id, options)));
  return addAt(gets);
};
