import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { GraphVersion } from "../../../contract/views/graphs.ts";
import { graphFileText } from "../../../domain/graph/canonical.ts";
import { graph as decider } from "../../../domain/graph/decider.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { toGraphology } from "../../../domain/graph/graphology.ts";
import { toDot, toMermaid } from "../../../domain/graph/picture.ts";
import { defined, visibleJson } from "../../../domain/kernel/mod.ts";
import type { Pins } from "../../../domain/nix/mod.ts";
import { addPublicCommands, reportAccepted } from "../aggregate-commands.ts";
import { withClient } from "../connection.ts";
import { CliFailure, exitCode, messageOf } from "../errors.ts";
import type { CommandGroup, Invocation, Runner } from "../invocation.ts";
import { columns, type Listing, listLines } from "../listing.ts";
import { pinOption } from "../nixos-options.ts";
import { nameOf } from "../read-input.ts";
import { integer } from "../settings.ts";
import { addViewCommands } from "../views.ts";
import type { DiffOptions } from "./diff.ts";
import { allowSecretLike, type SecretOptions } from "./secret-options.ts";

const texts = {
  json: (document: GraphDocument) => visibleJson(graphFileText(document)),
  graphology: (document: GraphDocument) => `${visibleJson(JSON.stringify(toGraphology(document), null, 2))}\n`,
  mermaid: toMermaid,
  dot: toDot,
} as const;

/** A language that a graph is written in: the document itself, graphology's serialization, or a picture. */
type Format = keyof typeof texts;

const formats: ReadonlyArray<string> = Object.keys(texts);

/** A graph as text. The text does not depend on the order of nodes and edges. */
const graphText = (document: GraphDocument, format: Format): string => texts[format](document);

interface ExportOptions {
  readonly version?: number;
  readonly format: Format;
  readonly out?: string;
}

/** Writes a stored graph to a file, or to standard output. */
const exportGraph =
  (id: string, { version, format, out }: ExportOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { readGraph } = await import("./source.ts");
    const text = graphText(await readGraph(cli, defined({ id, version })), format);
    if (out === undefined) {
      if (cli.output.json) cli.output.document({ format, text });
      cli.output.file(text);
      return exitCode.done;
    }
    try {
      await writeFile(out, text);
    } catch (error) {
      throw new CliFailure(`${out} cannot be written (${messageOf(error)}): choose another --out`, { cause: error });
    }
    if (cli.output.json) cli.output.document({ format, out });
    cli.output.result(out);
    return exitCode.done;
  };

const show =
  (file: string, format: Format) =>
  async (cli: Invocation): Promise<number> => {
    const { graphSource, readGraph } = await import("./source.ts");
    const text = graphText(await readGraph(cli, await graphSource(file)), format);
    if (cli.output.json) cli.output.document({ format, text });
    cli.output.file(text);
    return exitCode.done;
  };

const importFile =
  (file: string, { allowSecretLike: allowed, overAmendments }: ImportOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { importPayload, readGraphWithTexts } = await import("./source.ts");
    const graph = await readGraphWithTexts(cli, { file });
    const { document } = graph;
    return withClient(cli, async (client) => {
      if (overAmendments !== true) {
        const { checkAmendments } = await import("./over-amendments.ts");
        await checkAmendments(client, document, nameOf(file), cli.signal);
      }
      // Options of every command are among the options too: only this one belongs to the payload.
      const payload = importPayload(graph, allowed);
      reportAccepted(cli, await client.command("graph", document.id, "import", payload, { signal: cli.signal }));
      return exitCode.done;
    });
  };

const versionListing: Listing<GraphVersion> = {
  headings: ["VERSION", "SINCE", "BY", "DEPLOYED", "WHAT"],
  row: ({ version, time, actor, amends, text, deployments }) => [
    version,
    time,
    amends === undefined ? actor : `the vote on ${amends}`,
    deployments.map(({ id, status }) => `${id} (${status})`),
    text,
  ],
};

/** Lists the versions of a graph that can be named, newest first. */
const versions = (id: string, limit: number | undefined) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("graphs", "versions", { id, ...defined({ limit }) }, { signal: cli.signal });
    if (cli.output.json) cli.output.document(data);
    cli.output.result(listLines("versions", versionListing, data.items));
    if (data.before !== undefined) cli.output.note("there are earlier ones: raise --limit");
    return exitCode.done;
  });

interface RenderFlags extends SecretOptions {
  readonly out: string;
  readonly force?: boolean;
  readonly pin: Pins;
}

interface ImportOptions extends SecretOptions {
  readonly overAmendments?: boolean;
}

/** For commands that import a file. */
const overAmendments = (): Option =>
  new Option("--over-amendments", "also if the file takes out what a vote has put into the graph");

const formatOption = (byDefault: Format): Option =>
  new Option("--format <format>", "the language that the graph is written in").choices(formats).default(byDefault);

/** Commands that need no server, unless a graph is named as `ID@VERSION` or `ID@latest`. */
const addFileCommands = (group: Command, runner: Runner): void => {
  group
    .command("validate <file...>")
    .description("Prints every problem of these graphs; - is standard input.")
    .addOption(allowSecretLike())
    .action((files: ReadonlyArray<string>, options: SecretOptions, command) =>
      runner.run(command, async (cli) => (await import("./validate.ts")).validate(files, options.allowSecretLike)(cli)),
    );
  group
    .command("render <file>")
    .description("Writes the flake of a graph to a folder.")
    .requiredOption("--out <folder>", "the folder: new, empty, or with an earlier render")
    .option("--force", "overwrite what is there")
    .addOption(allowSecretLike())
    .addOption(pinOption())
    .action((file: string, { pin, ...options }: RenderFlags, command) =>
      runner.run(command, async (cli) => (await import("./render.ts")).render(file, { ...options, pins: pin })(cli)),
    );
  group
    .command("diff <from> <to>")
    .description("Prints the changes from one graph to another, and what they mean for each host.")
    .option("--exit-code", "end with 1 if they differ")
    .action((from: string, to: string, options: DiffOptions, command) =>
      runner.run(command, async (cli) => (await import("./diff.ts")).graphDiff(from, to, options)(cli)),
    );
  group
    .command("backups <graph>")
    .description("Says where the copies of a graph's databases are, and how they are restored; touches nothing.")
    .action((graph: string, _options, command) =>
      runner.run(command, async (cli) => (await import("./backups.ts")).graphBackups(graph)(cli)),
    );
  group
    .command("show <file>")
    .description("Draws a graph, or writes it in its normal form.")
    .addOption(formatOption("mermaid"))
    .action((file: string, { format }: { format: Format }, command) => runner.run(command, show(file, format)));
};

const graphColumns = columns<"graphs">("id", "version", "archived", "nodeCount", "edgeCount", "updatedAt");

/** `cim graph`: graphs in files, and the graphs of an installation. */
export const graph: CommandGroup = (program, runner) => {
  const group = program.command("graph").description("Graphs: files that need no server, and those that are imported.");
  addFileCommands(group, runner);
  group
    .command("import <file>")
    .description("Creates a graph of the installation from a file, or makes it what the file says.")
    .addOption(allowSecretLike())
    .addOption(overAmendments())
    .action((file: string, options: ImportOptions, command) => runner.run(command, importFile(file, options)));
  group
    .command("pin <graph>")
    .description("Pins the inputs of the flake of a file, or of a stored graph, at what they are now.")
    .addOption(pinOption())
    .option("--as-given", "take references as they are, without asking nix what they mean now")
    .action((argument: string, options: { readonly pin: Pins; readonly asGiven?: boolean }, command) =>
      runner.run(command, async (cli) => (await import("./pin.ts")).pinGraph(argument, options)(cli)),
    );
  group
    .command("export <id>")
    .description("Writes an installation's graph to a file.")
    .option("--version <number>", "the graph as it was at this version", integer(1))
    .addOption(formatOption("json"))
    .option("--out <file>", "the file (default: standard output)")
    .action((id: string, options: { version?: number; format: Format; out?: string }, command) =>
      runner.run(command, exportGraph(id, options)),
    );
  group
    .command("pull <id> <file>")
    .description("Writes an installation's graph into its file, with what the vote has changed; prints the difference.")
    .option("--force", "also if the file has changes that are in no version of the graph")
    .action((id: string, file: string, { force = false }: { force?: boolean }, command) =>
      runner.run(command, async (cli) => (await import("./pull.ts")).pull(id, file, force)(cli)),
    );
  group
    .command("versions <id>")
    .description("Lists the versions of a graph: when, who, what changed, and which were deployed; newest first.")
    .option("--limit <count>", "at most this number (default: 100)", integer(1))
    .action((id: string, { limit }: { limit?: number }, command) => runner.run(command, versions(id, limit)));
  addViewCommands(group, "graphs", graphColumns, runner).option(
    "--version <number>",
    "the graph as it was at this version",
    integer(1),
  );
  addPublicCommands(group, decider, runner);
};
