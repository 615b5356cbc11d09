import type { Command } from "commander";
import type { CommandGroup } from "../invocation.ts";
import type { RestoreOptions } from "./folder.ts";
import { addMakingOptions, addStoreOption, type StoreOptions } from "./store-option.ts";

/** `cim backup`. */
export const backup: CommandGroup = (program, runner) => {
  addStoreOption(
    program
      .command("backup <folder>")
      .description("Writes a consistent backup into a new folder, while the installation runs."),
  ).action((folder: string, options: StoreOptions, command: Command) =>
    runner.run(command, async (cli) => (await import("./folder.ts")).makeBackup(folder, options)(cli)),
  );
};

/** `cim restore`. */
export const restore: CommandGroup = (program, runner) => {
  addMakingOptions(
    program
      .command("restore <folder>")
      .description("Puts a backup into an empty store, and verifies all of it.")
      .option("--with-findings", "also if `audit verify` finds something, as it did where the backup was made"),
  ).action((folder: string, options: RestoreOptions, command: Command) =>
    runner.run(command, async (cli) => (await import("./folder.ts")).restoreFrom(folder, options)(cli)),
  );
};
