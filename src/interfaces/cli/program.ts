import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Runner } from "./invocation.ts";
import { addGlobalOptions } from "./settings.ts";

/** A group of commands, added to the program. */
export type CommandGroup = (program: Command, runner: Runner) => void;

const version = (): string => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
};

const help = `
Exit codes: 0 done, 1 failed, 2 usage, 3 rejected by the vote, 4 rolled back.
Documentation: docs/cli.md`;

/** The command line: every group of commands, and the options that all of them have. */
export const makeProgram = (runner: Runner, groups: ReadonlyArray<CommandGroup>): Command => {
  const program = new Command("cim")
    .description("From a deployment graph to a monitored NixOS deployment, and back.")
    .version(version(), "--version", "print the version")
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .addHelpText("after", help)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void runner.host.stdout.write(text),
      writeErr: (text) => void runner.host.stderr.write(text),
      outputError: (text, write) => write(oneLine(text)),
      getOutHelpWidth: () => runner.host.stdout.columns ?? 100,
      getErrHelpWidth: () => runner.host.stderr.columns ?? 100,
    });
  for (const addTo of groups) addTo(program, runner);
  addGlobalOptions(program);
  return program;
};

/** Commander's complaint as one line: `error: unknown command 'grap'\n(Did you mean graph?)`. */
const oneLine = (text: string): string =>
  `${text
    .trim()
    .replace(/^error: /, "cim: ")
    .replaceAll(/\s*\n\s*/g, " ")}\n`;
