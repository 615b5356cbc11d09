import type { Command } from "commander";
import type { Client, QueryOptions } from "../../agents/kit/mod.ts";
import type { AnswerOf } from "../../contract/views/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { knowledge } from "../../domain/knowledge/decider.ts";
import type { FactObject } from "../../domain/knowledge/fact.ts";
import { addPublicCommands } from "./aggregate-commands.ts";
import { withClient } from "./connection.ts";
import { firstItems } from "./documents.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation, Runner } from "./invocation.ts";
import { columns, listLines } from "./listing.ts";
import type { Lines } from "./output.ts";
import { integer, moment } from "./settings.ts";
import { cellText, documentLines, table } from "./text.ts";

type Fact = AnswerOf<"knowledge", "facts">["items"][number];

const share = (confidence: number): string => confidence.toFixed(2);

const standing = ({ retracted, revoked, holds }: Fact): string =>
  revoked !== undefined ? "revoked" : retracted ? "retracted" : holds ? "holds" : "superseded";

const factsTable = (facts: ReadonlyArray<Fact>): ReadonlyArray<string> =>
  facts.length === 0
    ? ["no facts"]
    : table(
        ["SUBJECT", "PREDICATE", "OBJECT", "CONFIDENCE", "AUTHOR", "STATE", "ID"],
        facts.map((fact) => {
          const { subject, predicate, object, confidence, author, id } = fact;
          return [subject, predicate, object, share(confidence), author, standing(fact), id].map(cellText);
        }),
      );

/** A fact that was found, and the reasons why. */
const hitLines = ({
  snippet,
  fact,
  reasons,
}: AnswerOf<"knowledge", "search">["items"][number]): ReadonlyArray<string> => [
  cellText(`${snippet}  (${fact.author}, confidence ${share(fact.confidence)})`),
  ...reasons.map((reason) => `    ${cellText(reason)}`),
];

const tripleText = ({ subject, predicate, object }: Fact): string => cellText(`${subject} ${predicate} ${object}`);

type Entry = AnswerOf<"knowledge", "history">["items"][number];

const statement = (record: Entry["record"]): string => {
  switch (record.kind) {
    case "fact":
      return "asserts";
    case "retraction":
      return "retracts";
    case "evidence":
      return `${record.verdict}s by ${record.evidence}`;
    case "settlement":
      return "settled by vote";
    case "revocation":
      return `strikes what a revoked key signed: ${record.reason}`;
    case "belief":
      return "belief";
  }
};

/** A statement about a fact, on a line. */
const historyLine = ({ position, record }: Entry): string =>
  cellText(`${position ?? ""}  ${record.stamp}  ${record.author}  ${statement(record)}`);

/** The space of the installation itself. */
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
  readonly model?: string;
  readonly tool?: string;
  readonly hops?: number;
  readonly limit?: number;
}

/** The object that a text names: `8080` and `true` are a number and a boolean unless they are quoted. */
const objectOf = (text: string): FactObject => {
  if (!/^(?:-?\d+(?:\.\d+)?|true|false|".*")$/su.test(text)) return text;
  try {
    const value: FactObject = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
};

/** The input that these options make, without the options that every command has. */
const inputOf = ({ space, at: time, position, object: text, ...options }: Options) => {
  const { subject, predicate, author, all, model, tool, hops, limit } = options;
  const object = text === undefined ? undefined : objectOf(text);
  return { space, ...defined({ time, position, subject, predicate, author, all, model, tool, hops, limit, object }) };
};

/** Asks a question and prints the answer as `text` makes it. */
const ask =
  <Answer extends object>(
    question: (client: Client, options: QueryOptions) => Promise<{ readonly data: Answer }>,
    text: (answer: Answer) => Lines,
  ) =>
  (cli: Invocation) =>
    withClient(cli, async (client) => {
      const { data } = await question(client, { signal: cli.signal });
      if (cli.output.json) cli.output.document(data);
      cli.output.result(text(data));
      if ("cursor" in data) cli.output.note("there are more: raise --limit, or narrow it down");
      return exitCode.done;
    });

const spaceColumns = columns<"knowledge">("id", "facts", "records", "epoch", "owner", "updatedAt");

const spaces = (cli: Invocation) =>
  withClient(cli, async (client) => {
    const found = await firstItems(client, "knowledge", {}, cli.signal);
    if (cli.output.json) cli.output.document(found);
    cli.output.result(listLines("spaces", spaceColumns, found.items));
    return exitCode.done;
  });

/** A command that asks a space, now or at a moment of its past. */
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
    .option("--object <value>", "with this object; numbers, true and false are not texts unless quoted")
    .option("--author <principal>", "by this author")
    .option("--limit <count>", "at most this number", integer(1));

const withHops = (command: Command): Command =>
  command
    .option("--hops <count>", "at most this number of facts away (default: 1)", integer(0))
    .option("--limit <count>", "at most this number", integer(1));

const addQuestions = (group: Command, runner: Runner): void => {
  withPattern(question(group, "list", "Lists the facts that fit a pattern."))
    .option("--all", "also facts that were retracted or revoked, or lost a conflict")
    .option("--model <name>", "by this language model, as their authors say")
    .option("--tool <name>", "by this tool, as their authors say")
    .action((options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "facts", inputOf(options), asked),
          ({ items }) => factsTable(items),
        ),
      ),
    );
  question(group, "get <fact>", "Prints a fact.").action((fact: string, options: Options, command) =>
    runner.run(
      command,
      ask((client, asked) => client.query("knowledge", "fact", { ...inputOf(options), fact }, asked), documentLines),
    ),
  );
  question(group, "why <fact>", "Explains a fact: its confidence, the trust in its authors, why it holds.").action(
    (id: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "why", { ...inputOf(options), fact: id }, asked),
          ({ fact, text }) => [...factsTable([fact]), ...text],
        ),
      ),
  );
  question(group, "history <fact>", "Lists what was said about a fact, in order.").action(
    (fact: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "history", { ...inputOf(options), fact }, asked),
          ({ items }) => (items.length === 0 ? "nothing" : items.map(historyLine)),
        ),
      ),
  );
  question(group, "conflict <subject> <predicate>", "Shows which of several facts holds, and why.").action(
    (subject: string, predicate: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "conflict", { ...inputOf(options), subject, predicate }, asked),
          documentLines,
        ),
      ),
  );
};

const addSearches = (group: Command, runner: Runner): void => {
  withHops(question(group, "search <question>", "Finds facts by what they are about, with the reasons.")).action(
    (text: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "search", { ...inputOf(options), question: text }, asked),
          ({ items }) => (items.length === 0 ? "nothing was found" : items.flatMap(hitLines)),
        ),
      ),
  );
  withHops(question(group, "near <entity>", "Lists the entities around one.")).action(
    (start: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "neighbours", { ...inputOf(options), entity: start }, asked),
          ({ items }) =>
            table(
              ["ENTITY", "DISTANCE", "BY"],
              items.map(({ entity, distance, via }) => [entity, distance, tripleText(via)].map(cellText)),
            ),
        ),
      ),
  );
  withHops(question(group, "graph <entity>", "Prints the facts around an entity as graphology reads a graph.")).action(
    (entity: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "graph", { ...inputOf(options), entity }, asked),
          (answer) => JSON.stringify(answer, null, 2).split("\n"),
        ),
      ),
  );
  question(group, "path <from> <to>", "Finds the fewest facts that lead from one entity to another.").action(
    (from: string, to: string, options: Options, command) =>
      runner.run(
        command,
        ask(
          (client, asked) => client.query("knowledge", "path", { ...inputOf(options), from, to }, asked),
          ({ found, items }) =>
            found
              ? items.length === 0
                ? "they are the same"
                : items.map(tripleText)
              : `no facts lead from ${from} to ${to}`,
        ),
      ),
  );
  withPattern(question(group, "beliefs", "Lists who believes what.")).action((options: Options, command) =>
    runner.run(
      command,
      ask(
        (client, asked) => client.query("knowledge", "beliefs", inputOf(options), asked),
        ({ items }) =>
          table(
            ["AUTHOR", "SUBJECT", "PREDICATE", "OBJECT", "DEGREE"],
            items.map(({ author, subject, predicate, object, degree }) =>
              [author, subject, predicate, object, degree].map(cellText),
            ),
          ),
      ),
    ),
  );
};

/** `cim facts`: what the installation and its agents hold to be true. */
export const facts: CommandGroup = (program, runner) => {
  const group = program.command("facts").description(knowledge.description);
  group
    .command("spaces")
    .description("Lists the spaces of knowledge.")
    .action((_options, command) => runner.run(command, spaces));
  addQuestions(group, runner);
  addSearches(group, runner);
  addPublicCommands(group, knowledge, runner);
};
