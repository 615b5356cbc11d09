import type { Command } from "commander";
import type { Client, DocumentChange, Json } from "../../agents/kit/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { agentHeadings, agentRow } from "./agents.ts";
import { withClient } from "./connection.ts";
import { firstDocuments } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import { hostHeadings, hostRow } from "./hosts.ts";
import type { Invocation, Runner } from "./invocation.ts";
import { integer } from "./settings.ts";
import { taskHeadings, taskRow, withQueue } from "./tasks.ts";
import { documentText, fieldOf, table, textOf } from "./text.ts";

/** Views whose list is made for them. */
const lists: Readonly<
  Record<string, { readonly headings: ReadonlyArray<string>; readonly row: (document: Json) => ReadonlyArray<string> }>
> = {
  agents: { headings: agentHeadings, row: agentRow },
  hosts: { headings: hostHeadings, row: hostRow },
  tasks: { headings: taskHeadings, row: taskRow },
};

/** The fields of each other view that its list shows. */
const columns: Readonly<Record<string, ReadonlyArray<string>>> = {
  graphs: ["id", "version", "archived", "nodeCount", "edgeCount", "updatedAt"],
  dialogs: ["id", "type", "status", "topic", "participants", "turnCount", "updatedAt"],
  proposals: ["id", "kind", "status", "title", "proposer", "deadline"],
  policies: ["id", "version", "protocol", "threshold", "quorum", "votingSeconds", "signedBallots", "binding"],
  knowledge: ["id", "facts", "records", "epoch", "owner", "updatedAt"],
  deployments: ["id", "graph", "graphVersion", "target", "status", "updatedAt"],
};

/** `nodeCount` is headed NODE COUNT. */
const heading = (field: string): string => field.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase();

const headings = (view: string): ReadonlyArray<string> =>
  lists[view]?.headings ?? (columns[view] ?? ["id"]).map(heading);

const row = (view: string, document: Json): ReadonlyArray<string> =>
  lists[view]?.row(document) ?? (columns[view] ?? ["id"]).map((field) => textOf(document, field));

/** A view's documents as a table. */
export const listText = (view: string, items: ReadonlyArray<Json>): string =>
  items.length === 0
    ? `no ${view}`
    : table(
        headings(view),
        items.map((item) => row(view, item)),
      );

type Filter = { readonly [field: string]: Json };

/** `status=online` as a condition; what reads as JSON is meant as such (`archived=false`). */
const condition = (text: string, before: Filter = {}): Filter => {
  const at = text.indexOf("=");
  if (at < 1) throw usageFailure(`--filter ${text}: write FIELD=VALUE, such as status=online`);
  return { ...before, [text.slice(0, at)]: scalar(text.slice(at + 1)) };
};

const scalar = (text: string): Json =>
  /^(?:true|false|null|-?\d+(?:\.\d+)?)$/.test(text) ? (JSON.parse(text) as Json) : text;

/** The rule of the contract's `list`: the field equals the value, or holds it where it is a list. */
const matches = (document: Json, filter: Filter): boolean =>
  Object.entries(filter).every(([field, wanted]) => {
    const value = fieldOf(document, field);
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  });

/** Documents as they change, one a line, until the user has seen enough. */
const watch = async (
  { output, signal }: Invocation,
  client: Client,
  view: string,
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
          row(view, document)
            .filter((cell) => cell !== "")
            .join("  "),
        );
    }
  }
  return exitCode.interrupted;
};

const list = (view: string, options: { filter?: Filter; limit?: number; watch?: boolean }) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const filter = options.filter ?? {};
    if (options.watch === true) return watch(cli, client, view, { filter });
    const found = await firstDocuments(client, view, { filter, ...defined({ limit: options.limit }) }, cli.signal);
    if (cli.output.json) cli.output.document(found);
    const { items } = found;
    cli.output.result(listText(view, view === "tasks" ? await withQueue(client, items, cli.signal) : items));
    if (found.cursor !== undefined) cli.output.note("there are more: raise --limit, or use --filter");
    return exitCode.done;
  });

const get =
  (view: string, id: string, { watch: watching, version }: { watch?: boolean; version?: number }) =>
  (cli: Invocation) =>
    withClient(cli, async (client) => {
      const { data } = await client.query(view, "get", { id, ...defined({ version }) }, { signal: cli.signal });
      if (watching === true) return watch(cli, client, view, { id });
      if (cli.output.json) cli.output.document(data);
      cli.output.result(documentText(data));
      return exitCode.done;
    });

/** Adds `list` and `get` of a view to a group of commands, and returns `get`. */
export const addViewCommands = (group: Command, view: string, runner: Runner): Command => {
  group
    .command("list")
    .description(`Lists ${view}.`)
    .option("--filter <field=value>", "only where the field is, or holds, the value; several must all fit", condition)
    .option("--limit <count>", "at most so many (default: 100)", integer(1))
    .option("--watch", "go on with every change")
    .action((options, command) => runner.run(command, list(view, options)));
  return group
    .command("get <id>")
    .description(`Prints one of the ${view}.`)
    .option("--watch", "go on with every change")
    .action((id, options, command) => runner.run(command, get(view, id, options)));
};
