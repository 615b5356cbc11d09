import type { Command } from "commander";
import type { CommandGroup } from "../invocation.ts";
import type { LookOptions } from "./outside-of.ts";

const addLookOptions = (command: Command): Command =>
  command
    .option("--monitor <url>", "the monitoring port of the nats-server, such as http://127.0.0.1:8222")
    .option("--store <folder>", "the folder of data of its embedded server (default: $CIM_STORE or .cim/store)")
    .option("--console <url>", "the HTTP port of the installation (default: http://127.0.0.1:7422)");

/** `cim status`. */
export const status: CommandGroup = (program, runner) => {
  addLookOptions(
    program.command("status").description("Shows the installation on one screen: what runs, what waits, what lags."),
  ).action((options: LookOptions, command: Command) =>
    runner.run(command, async (cli) => (await import("./status.ts")).showStatus(options)(cli)),
  );
};

/** `cim doctor`. */
export const doctor: CommandGroup = (program, runner) => {
  addLookOptions(
    program
      .command("doctor")
      .description("Looks at a running installation: says what is wrong and what to do; 1 if something is wrong."),
  ).action((options: LookOptions, command: Command) =>
    runner.run(command, async (cli) => (await import("./doctor.ts")).examine(options)(cli)),
  );
};
