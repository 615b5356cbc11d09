import { type Command, Option } from "commander";
import type { Schema } from "effect";
import type { Client, Json } from "../../agents/kit/mod.ts";
import { publishedViews } from "../../contract/views/mod.ts";
import type { PublishedView } from "../../contract/views/view.ts";
import { choiceText } from "../../domain/graph/complaints.ts";
import { defined, type PlainSchema } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { changedWithin, endOfLog, type Filter, firstItems, type Listed, type Order, orders } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { Invocation, Runner } from "./invocation.ts";
import { fieldOf, growingTable, type Listing, listLines } from "./listing.ts";
import { integer, moment } from "./settings.ts";
import { cellText, documentLines } from "./text.ts";
import { yamlLines } from "./yaml.ts";

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

/** How a list or a document is written. `json` is the same as `--json`. */
const forms = ["table", "wide", "json", "yaml", "name"] as const;
type Form = (typeof forms)[number];

const addForm = (command: Command, choices: ReadonlyArray<Form>): Command =>
  command.addOption(new Option("-o, --output <format>", "how it is written").choices(choices));

/** Prints each change of a view until a signal ends the command: as JSON, or as a row under the headings of a table. */
const watch = async <V extends string>(
  { output, signal }: Invocation,
  client: Client,
  view: V,
  {
    filter = {},
    id,
    tell,
  }: { readonly id?: string; readonly filter?: Filter; readonly tell: (item: Listed<V>) => void },
): Promise<number> => {
  for await (const { id: changed, document } of client.watch(view, defined({ id }), signal)) {
    if (document === undefined) {
      if (output.json) output.document({ id: changed, removed: true });
      output.result(`${changed} removed`);
    } else if (matches(document, filter)) {
      if (output.json) output.document(document);
      else tell(document);
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
  readonly last?: number;
  readonly since?: string;
  readonly until?: string;
  readonly watch?: boolean;
  readonly output?: Form;
}

/** Lists of what comes and goes begin with what changed last; lists of what stays go by id. */
const usualOrder = (view: string): Order =>
  ["tasks", "dialogs", "proposals", "deployments", "freezes", "parked"].includes(view) ? "newest" : "id";

const orderOf = (view: string, { sort, last, since, until }: ListOptions): Order =>
  last !== undefined || since !== undefined || until !== undefined ? "newest" : (sort ?? usualOrder(view));

/** What a list of the command line finds, with the view's own order if it is another than by id. */
const find = async <V extends string>(
  { signal }: Invocation,
  [client, now]: readonly [client: Client, now: Client],
  view: V,
  options: ListOptions,
) => {
  const { filter = {}, last, limit = last, since, until } = options;
  const order = orderOf(view, options);
  // The backend's own order is by id, and not every list has another.
  const asked = { filter, ...defined({ limit, order: order === "id" ? undefined : order }) };
  const changed = await changedWithin(now, { since, until }, signal);
  return firstItems(client, view, { ...asked, ...changed }, signal);
};

const list =
  <V extends string>(view: V, listing: Listing<Listed<V>>, options: ListOptions) =>
  (cli: Invocation) =>
    withClient(cli, async (connected) => {
      const { filter = {}, output: form = "table" } = options;
      const { output, signal } = cli;
      checkFilter(view, filter);
      const client = asOf(connected, options.at);
      if (options.watch === true && output.json) return watch(cli, client, view, { filter, tell: () => {} });
      const end = options.watch === true ? await endOfLog(client, signal) : 0;
      const found = await find(cli, [client, connected], view, options);
      if (output.json) output.document(found);
      if (form === "yaml") output.result(yamlLines(found));
      else if (form === "name") output.result(found.items.map((item) => cellText(fieldOf(item, "id"))));
      if (output.json || form === "yaml" || form === "name") return exitCode.done;
      const items = await (listing.complete?.(client, found.items, signal) ?? found.items);
      const shape = { wide: form === "wide" };
      if (options.watch === true) {
        const table = growingTable(listing, items, shape);
        output.result(table.lines);
        // The table has what is there already.
        const isNews = (item: Listed<V>): boolean => Number(fieldOf(item, "position") ?? end + 1) > end;
        const tell = (item: Listed<V>) => void (isNews(item) && output.result(table.line(item)));
        return watch(cli, client, view, { filter, tell });
      }
      output.result(listLines(listing.things ?? view, listing, items, shape));
      await listing.note?.(cli, client);
      if (found.cursor !== undefined) output.note("there are more: raise --limit, or use --filter");
      return exitCode.done;
    });

interface GetOptions {
  readonly at?: number | string;
  readonly watch?: boolean;
  readonly version?: number;
  readonly output?: Form;
}

const get =
  <V extends string>(view: V, listing: Listing<Listed<V>>, id: string, options: GetOptions) =>
  (cli: Invocation) =>
    withClient(cli, async (connected) => {
      const { output, signal } = cli;
      const client = asOf(connected, options.at);
      const input = { id, ...defined({ version: options.version }) };
      const { data } = await client.query<string, string>(view, "get", input, { signal });
      if (options.watch === true) {
        const table = growingTable<Listed<V>>(listing, [data as Listed<V>]);
        output.result(table.lines.slice(0, 1));
        return watch(cli, client, view, { id, tell: (item) => output.result(table.line(item)) });
      }
      if (output.json) output.document(data);
      const words = options.output === "yaml" ? [] : (listing.words?.(data as Listed<V>) ?? []);
      output.result([...documentLines(data), ...words]);
      return exitCode.done;
    });

const ofChange = "only what changed last";

/** A moment, as an option takes it. */
const at = (text: string): string => moment(text);

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
    .addOption(
      new Option("--last <count>", "this number of what changed last")
        .argParser(integer(1))
        .conflicts(["limit", "sort"]),
    )
    .addOption(
      new Option("--since <time>", `${ofChange} after this moment: ISO 8601, or how long ago (10m)`)
        .argParser(at)
        .conflicts("sort"),
    )
    .addOption(new Option("--until <time>", `${ofChange} before this moment`).argParser(at).conflicts("sort"))
    .option("--watch", "go on with every change")
    .action((options: ListOptions, command) => runner.run(command, list(view, listing, options)));
  addForm(addAt(lists), forms);
  const gets = group
    .command("get <id>")
    .description(`Prints one of the ${view}.`)
    .option("--watch", "go on with every change")
    .action((id: string, options: GetOptions, command) => runner.run(command, get(view, listing, id, options)));
  return addForm(addAt(gets), ["json", "yaml"]);
};
