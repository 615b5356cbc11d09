import { type Command, Option } from "commander";
import { graph as decider } from "../../domain/graph/decider.ts";
import type { Pins } from "../../domain/nix/mod.ts";
import { addPublicCommands, reportAccepted } from "./aggregate-commands.ts";
import { exitCode } from "./errors.ts";
import { type Format, formats, graphText } from "./graph-format.ts";
import { graphSource } from "./graph-source.ts";
import type { Handler, Invocation, Runner } from "./invocation.ts";
import { pinOption } from "./pins.ts";
import type { CommandGroup } from "./program.ts";
import { integer } from "./settings.ts";
import { addViewCommands } from "./view-commands.ts";
import { withClient } from "./with-client.ts";

/** A handler that is loaded when its command is run, so that others start without it. */
const loaded =
  (load: () => Promise<Handler>): Handler =>
  async (cli) =>
    (await load())(cli);

const show =
  (file: string, format: Format) =>
  async (cli: Invocation): Promise<number> => {
    const { readGraph } = await import("./load-graph.ts");
    const text = graphText(await readGraph(cli, await graphSource(file)), format);
    if (cli.output.json) cli.output.document({ format, text });
    cli.output.result(text);
    return exitCode.done;
  };

const importFile =
  (file: string) =>
  async (cli: Invocation): Promise<number> => {
    const { readGraph } = await import("./load-graph.ts");
    const document = await readGraph(cli, { file });
    return withClient(cli, async (client) => {
      reportAccepted(cli, await client.command("graph", document.id, "import", document, { signal: cli.signal }));
      return exitCode.done;
    });
  };

const formatOption = (byDefault: Format): Option =>
  new Option("--format <format>", "how it is written").choices(formats).default(byDefault);

/** What needs no server, unless a graph is named as `ID@VERSION` or `ID@latest`. */
const addFileCommands = (group: Command, runner: Runner): void => {
  group
    .command("validate <file...>")
    .description("Tells every problem of these graphs; - is standard input.")
    .action((files: ReadonlyArray<string>, _options, command) =>
      runner.run(
        command,
        loaded(async () => (await import("./graph-validate.ts")).validate(files)),
      ),
    );
  group
    .command("render <file>")
    .description("Writes the flake of a graph to a folder.")
    .requiredOption("--out <folder>", "where to: a new or empty folder, or one with an earlier render")
    .option("--force", "overwrite what is there")
    .addOption(pinOption())
    .action((file: string, { pin, ...options }: { out: string; force?: boolean; pin: Pins }, command) =>
      runner.run(
        command,
        loaded(async () => (await import("./graph-render.ts")).render(file, { ...options, pins: pin })),
      ),
    );
  group
    .command("diff <from> <to>")
    .description("Tells what turns one graph into another.")
    .action((from: string, to: string, _options, command) =>
      runner.run(
        command,
        loaded(async () => (await import("./graph-diff.ts")).graphDiff(from, to)),
      ),
    );
  group
    .command("show <file>")
    .description("Draws a graph, or writes it in its normal form.")
    .addOption(formatOption("mermaid"))
    .action((file: string, { format }: { format: Format }, command) => runner.run(command, show(file, format)));
};

/** `cim graph`: graphs in files, and the graphs of an installation. */
export const graph: CommandGroup = (program, runner) => {
  const group = program.command("graph").description("Graphs: files that need no server, and those that are imported.");
  addFileCommands(group, runner);
  group
    .command("import <file>")
    .description("Makes an installation's graph what a file says.")
    .action((file: string, _options, command) => runner.run(command, importFile(file)));
  group
    .command("export <id>")
    .description("Writes an installation's graph to a file.")
    .option("--version <number>", "as it was at this version", integer(1))
    .addOption(formatOption("json"))
    .option("--out <file>", "where to; else to standard output")
    .action((id: string, options: { version?: number; format: Format; out?: string }, command) =>
      runner.run(
        command,
        loaded(async () => (await import("./graph-export.ts")).exportGraph(id, options)),
      ),
    );
  addViewCommands(group, "graphs", runner).option("--version <number>", "as it was at this version", integer(1));
  addPublicCommands(group, decider, runner);
};
