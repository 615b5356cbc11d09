import type { Command } from "commander";
import type { Runner } from "../invocation.ts";
import { integer } from "../settings.ts";
import type { ExportOptions, ImportOptions } from "./log.ts";
import { addMakingOptions, addStoreOption } from "./store-option.ts";

/** Adds `export` and `import` to `cim audit`. */
export const addTransfer = (group: Command, runner: Runner): void => {
  addStoreOption(
    group
      .command("export")
      .description("Writes the log as JSON Lines of CloudEvents, a commit a line, while the installation runs.")
      .option("--from <position>", "from this position on (default: 1)", integer(1))
      .option("--to <position>", "up to this position (default: the end of the log now)", integer(1))
      .option("--file <file>", "to this new file, instead of standard output"),
  ).action((options: ExportOptions, command: Command) =>
    runner.run(command, async (cli) => (await import("./log.ts")).exportTo(options)(cli)),
  );
  addMakingOptions(
    group
      .command("import <file>")
      .description("Makes the same log in an empty store: same positions, content ids and seals.")
      .option("--with-findings", "also if `audit verify` finds something, as it did where the log was exported"),
  ).action((file: string, options: ImportOptions, command: Command) =>
    runner.run(command, async (cli) => (await import("./log.ts")).importFrom(file, options)(cli)),
  );
};
