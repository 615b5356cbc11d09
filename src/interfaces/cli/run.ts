import { type Command, CommanderError } from "commander";
import { CliFailure, exitCode, messageOf } from "./errors.ts";
import type { Host } from "./host.ts";
import { invocationOf, type Runner } from "./invocation.ts";
import { printable } from "./output.ts";
import { type CommandGroup, makeProgram } from "./program.ts";
import { traced } from "./tracing.ts";

/** Runs one command line and returns its exit code; whatever goes wrong is one line on stderr. */
export const runCli = async (
  argv: ReadonlyArray<string>,
  host: Host,
  groups: ReadonlyArray<CommandGroup>,
): Promise<number> => {
  let code: number = exitCode.done;
  const runner: Runner = {
    host,
    run: async (command, handler) => {
      const cli = invocationOf(command, host);
      try {
        code = await traced(nameOf(command), host.env, (span) => handler({ ...cli, ...span }));
      } catch (error) {
        if (cli.settings.json && error instanceof CliFailure && error.document !== undefined)
          cli.output.document(error.document);
        throw error;
      }
    },
  };
  try {
    await makeProgram(runner, groups).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    if (host.signal.aborted && !(error instanceof CliFailure)) return exitCode.interrupted;
    host.stderr.write(`cim: ${printable(error instanceof CliFailure ? error.message : messageOf(error))}\n`);
    if ((host.env.CIM_DEBUG ?? "") !== "" && error instanceof Error) host.stderr.write(`${debugText(error)}\n`);
    return error instanceof CliFailure ? error.exitCode : exitCode.failed;
  }
};

/** A command with its groups: `cim agents register`. */
const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

/** The stack of an error and of what caused it. */
const debugText = (error: Error): string =>
  [error.stack ?? error.message, ...(error.cause instanceof Error ? [`caused by ${debugText(error.cause)}`] : [])].join(
    "\n",
  );
