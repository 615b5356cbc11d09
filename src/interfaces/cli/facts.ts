import type { Command } from "commander";
import type { Json } from "../../agents/kit/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { knowledge } from "../../domain/knowledge/decider.ts";
import { addPublicCommands } from "./aggregate-commands.ts";
import { withClient } from "./connection.ts";
import { firstDocuments } from "./documents.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation, Runner } from "./invocation.ts";
import { integer, moment } from "./settings.ts";
import { documentText, fieldOf, itemsOf, table, textOf } from "./text.ts";
import { columns, listText } from "./views.ts";

const share = (fact: Json, field: string): string => Number(textOf(fact, field)).toFixed(2);

const standing = (fact: Json): string =>
  fieldOf(fact, "retracted") === true ? "retracted" : fieldOf(fact, "holds") === true ? "holds" : "superseded";

/** Facts as a table. */
export const factsTable = (answer: Json): string => {
  const facts = itemsOf(answer, "items");
  if (facts.length === 0) return "no facts";
  return table(
    ["SUBJECT", "PREDICATE", "OBJECT", "CONFIDENCE", "AUTHOR", "STATE", "ID"],
    facts.map((fact) => [
      ...["subject", "predicate", "object"].map((field) => textOf(fact, field)),
      ...[share(fact, "confidence"), textOf(fact, "author"), standing(fact), textOf(fact, "id")],
    ]),
  );
};

/** A fact that was found, and what speaks for it. */
export const hitText = (hit: Json): string =>
  [
    `${textOf(hit, "snippet")}  (${textOf(hit, "fact", "author")}, confidence ${share(fieldOf(hit, "fact") ?? null, "confidence")})`,
    ...itemsOf(hit, "reasons").map((reason) => `    ${textOf(reason)}`),
  ].join("\n");

/** Facts in a row, a line each. */
export const pathText = (answer: Json): string =>
  itemsOf(answer, "items")
    .map((fact) => ["subject", "predicate", "object"].map((field) => textOf(fact, field)).join(" "))
    .join("\n") || "they are the same";

const said: Readonly<Record<string, string>> = {
  fact: "asserts",
  retraction: "retracts",
  settlement: "settled by vote",
};

/** What someone said about a fact, on a line. */
export const historyLine = (entry: Json): string => {
  const record = fieldOf(entry, "record") ?? null;
  const kind = textOf(record, "kind");
  const what = kind === "evidence" ? `${textOf(record, "verdict")}s by ${textOf(record, "evidence")}` : said[kind];
  return `${textOf(entry, "position")}  ${textOf(record, "stamp")}  ${textOf(record, "author")}  ${what ?? kind}`;
};

/** The space of what the installation itself knows. */
const systemSpace = "system";

interface Options {
  readonly space: string;
  readonly at?: string;
  readonly position?: number;
  readonly subject?: string;
  readonly predicate?: string;
  readonly object?: string;
  readonly author?: string;
  readonly all?: boolean;
  readonly hops?: number;
  readonly limit?: number;
}

/** `8080` and `true` as what they are, unless they are quoted as JSON text. */
const objectOf = (text: string): Json => {
  if (!/^(?:-?\d+(?:\.\d+)?|true|false|".*")$/su.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

/** What a question takes of its options: those of every command come with them. */
const inputOf = ({ space, at: time, position, object, ...options }: Options): Record<string, Json> => {
  const { subject, predicate, author, all, hops, limit } = options;
  return {
    space,
    ...defined({ time, position, subject, predicate, author, all, hops, limit }),
    ...(object === undefined ? {} : { object: objectOf(object) }),
  };
};

/** Asks a space, and prints the answer as `text` makes it. */
const ask = (operation: string, input: object, text: (answer: Json) => string) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("knowledge", operation, input, { signal: cli.signal });
    if (cli.output.json) cli.output.document(data);
    cli.output.result(text(data));
    if (fieldOf(data, "cursor") !== undefined) cli.output.note("there are more: raise --limit, or narrow it down");
    return exitCode.done;
  });

const items = (line: (item: Json) => string, none: string) => (answer: Json) =>
  itemsOf(answer, "items").map(line).join("\n") || none;

const spaceColumns = columns("id", "facts", "records", "epoch", "owner", "updatedAt");

const spaces = (cli: Invocation) =>
  withClient(cli, async (client) => {
    const found = await firstDocuments(client, "knowledge", {}, cli.signal);
    if (cli.output.json) cli.output.document(found);
    cli.output.result(listText("spaces", spaceColumns, found.items));
    return exitCode.done;
  });

/** A question to a space: what it is asked with, besides the space and the moment. */
const question = (group: Command, usage: string, description: string): Command =>
  group
    .command(usage)
    .description(description)
    .option("--space <space>", "the space of knowledge", systemSpace)
    .option("--at <time>", "as it was then, such as 2026-11-23T20:15:00Z or 10m", (text: string) => moment(text))
    .option("--position <position>", "as it was at a position of the log", integer(0));

const withPattern = (command: Command): Command =>
  command
    .option("--subject <text>", "of this subject")
    .option("--predicate <text>", "with this predicate")
    .option("--object <value>", "with this object; a number or true and false mean just that")
    .option("--author <principal>", "by this author")
    .option("--limit <count>", "at most so many", integer(1));

const withHops = (command: Command): Command =>
  command
    .option("--hops <count>", "so many facts away (default: 1)", integer(0))
    .option("--limit <count>", "at most so many", integer(1));

const addQuestions = (group: Command, runner: Runner): void => {
  withPattern(question(group, "list", "Lists the facts that fit a pattern."))
    .option("--all", "also what was retracted or lost a conflict")
    .action((options: Options, command) => runner.run(command, ask("facts", inputOf(options), factsTable)));
  question(group, "get <fact>", "Prints a fact.").action((fact: string, options: Options, command) =>
    runner.run(command, ask("fact", { ...inputOf(options), fact }, documentText)),
  );
  question(group, "why <fact>", "Explains a fact: its confidence, the trust in its authors, why it holds.").action(
    (fact: string, options: Options, command) =>
      runner.run(
        command,
        ask("why", { ...inputOf(options), fact }, (answer) =>
          [factsTable({ items: [fieldOf(answer, "fact") ?? null] }), ...itemsOf(answer, "text").map(String)].join("\n"),
        ),
      ),
  );
  question(group, "history <fact>", "Tells what was said about a fact, in order.").action(
    (fact: string, options: Options, command) =>
      runner.run(command, ask("history", { ...inputOf(options), fact }, items(historyLine, "nothing"))),
  );
  withHops(question(group, "search <question>", "Finds facts by what they are about, and says why.")).action(
    (text: string, options: Options, command) =>
      runner.run(command, ask("search", { ...inputOf(options), question: text }, items(hitText, "nothing was found"))),
  );
  withHops(question(group, "near <entity>", "Lists the entities around one.")).action(
    (entity: string, options: Options, command) =>
      runner.run(
        command,
        ask("neighbours", { ...inputOf(options), entity }, (answer) =>
          table(
            ["ENTITY", "DISTANCE", "BY"],
            itemsOf(answer, "items").map((one) => [
              textOf(one, "entity"),
              textOf(one, "distance"),
              pathText({ items: [fieldOf(one, "via") ?? null] }),
            ]),
          ),
        ),
      ),
  );
  withHops(question(group, "graph <entity>", "Prints the facts around an entity as graphology reads a graph.")).action(
    (entity: string, options: Options, command) =>
      runner.run(
        command,
        ask("graph", { ...inputOf(options), entity }, (answer) => JSON.stringify(answer, null, 2)),
      ),
  );
  question(group, "path <from> <to>", "Finds the fewest facts that lead from one entity to another.").action(
    (from: string, to: string, options: Options, command) =>
      runner.run(
        command,
        ask("path", { ...inputOf(options), from, to }, (answer) =>
          fieldOf(answer, "found") === true ? pathText(answer) : `no facts lead from ${from} to ${to}`,
        ),
      ),
  );
  withPattern(question(group, "beliefs", "Lists who believes what.")).action((options: Options, command) =>
    runner.run(
      command,
      ask("beliefs", inputOf(options), (answer) =>
        table(
          ["AUTHOR", "SUBJECT", "PREDICATE", "OBJECT", "DEGREE"],
          itemsOf(answer, "items").map((one) =>
            ["author", "subject", "predicate", "object", "degree"].map((field) => textOf(one, field)),
          ),
        ),
      ),
    ),
  );
  question(group, "conflict <subject> <predicate>", "Tells which of several facts holds, and why.").action(
    (subject: string, predicate: string, options: Options, command) =>
      runner.run(command, ask("conflict", { ...inputOf(options), subject, predicate }, documentText)),
  );
};

/** `cim facts`: what the installation and its agents hold for true. */
export const facts: CommandGroup = (program, runner) => {
  const group = program.command("facts").description(knowledge.description);
  group
    .command("spaces")
    .description("Lists the spaces of knowledge.")
    .action((_options, command) => runner.run(command, spaces));
  addQuestions(group, runner);
  addPublicCommands(group, knowledge, runner);
};
