import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { collectorOf } from "../../infrastructure/telemetry/collector.ts";
import { CliFailure, exitCode, messageOf } from "./errors.ts";
import { examplesOf } from "./examples.ts";
import { type CommandGroup, type Host, invocationOf, type Runner } from "./invocation.ts";
import { type Lines, makeOutput } from "./output.ts";
import { addGlobalOptions, type Environment } from "./settings.ts";

/** Runs one command line and returns its exit code. An error becomes one line on stderr. */
export const runCli = async (
  argv: ReadonlyArray<string>,
  host: Host,
  groups: ReadonlyArray<CommandGroup>,
): Promise<number> => {
  let code: number = exitCode.done;
  let answered = false;
  const runner: Runner = {
    host,
    run: async (command, handler) => {
      const cli = invocationOf(command, host);
      try {
        code = await traced(nameOf(command), host.env, (span) => handler({ ...cli, ...span }));
      } catch (error) {
        if (cli.settings.json && error instanceof CliFailure && error.document !== undefined) {
          cli.output.document(error.document);
          answered = true;
        }
        throw error;
      }
    },
  };
  try {
    await makeProgram(runner, groups).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
    if (host.signal.aborted && !(error instanceof CliFailure)) return exitCode.interrupted;
    const [failed, message] = failureOf(error);
    if (!answered && wantsJson(argv))
      json(host, { ok: false, error: { code: failed === exitCode.usage ? "usage" : "failed", message } });
    // Commander has written its complaint already.
    if (!(error instanceof CommanderError)) note(host, failureLines(error, (host.env.CIM_DEBUG ?? "") !== ""));
    return failed;
  }
};

/** Whether a command line asks for JSON, even if the rest of it is wrong. */
const wantsJson = (argv: ReadonlyArray<string>): boolean =>
  argv.some(
    (word, at) =>
      /^(?:--json|-ojson|--output=json)$/.test(word) || (/^(?:-o|--output)$/.test(word) && argv[at + 1] === "json"),
  );

/** The exit code of a failure, and its message. */
const failureOf = (error: unknown): readonly [code: number, message: string] => {
  if (error instanceof CommanderError) return [exitCode.usage, oneLine(error.message).replace(/^cim: /, "")];
  return [error instanceof CliFailure ? error.exitCode : exitCode.failed, messageOf(error)];
};

/** A command with its groups: `cim agents register`. */
const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

/** An error for people: its message, with the lines below it, and, for debugging, its stack and that of its causes. */
export const failureLines = (error: unknown, debugging: boolean): ReadonlyArray<string> => [
  `cim: ${messageOf(error)}`,
  ...(error instanceof CliFailure ? error.below : []),
  ...(debugging && error instanceof Error ? stackLines(error) : []),
];

const stackLines = (error: Error): ReadonlyArray<string> => {
  const lines = (error.stack ?? error.message).split("\n");
  if (!(error.cause instanceof Error)) return lines;
  const [first = "", ...more] = stackLines(error.cause);
  return [...lines, `caused by ${first}`, ...more];
};

/** Notes of the program itself, outside the output of a command. */
const note = ({ stdout, stderr, env }: Host, lines: Lines): void =>
  makeOutput({ stdout, stderr, env, json: false, color: false }).note(lines);

/** A document of the program itself, on standard output. */
const json = ({ stdout, stderr, env }: Host, document: object): void =>
  makeOutput({ stdout, stderr, env, json: true, color: false }).document(document);

/** The version of this program. */
export const version = (): string => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
};

const help = `
Exit codes: 0 done, 1 failed, 2 usage, 3 rejected by the vote, 4 rolled back.
Documentation: docs/cli.md`;

/** The program with these groups of commands, and the options that every command has. */
export const makeProgram = (runner: Runner, groups: ReadonlyArray<CommandGroup>): Command => {
  const program = new Command("cim")
    .description("From a deployment graph to a monitored NixOS deployment, and back.")
    .version(version(), "-V, --version", "print the version")
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .addHelpText("after", help)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void runner.host.stdout.write(text),
      writeErr: (text) => void runner.host.stderr.write(text),
      outputError: (text) => note(runner.host, oneLine(text)),
      getOutHelpWidth: () => runner.host.stdout.columns ?? 80,
      getErrHelpWidth: () => runner.host.stderr.columns ?? 80,
    });
  for (const addTo of groups) addTo(program, runner);
  addGlobalOptions(program);
  for (const command of program.commands) addExamples(command);
  return program;
};

/** Gives a command, and those below it, the examples of the documentation. They are read when a help is shown. */
const addExamples = (command: Command): void => {
  command.addHelpText("after", () => examplesOf(nameOf(command)));
  for (const child of command.commands) addExamples(child);
};

/** Commander's complaint as one line: `error: unknown command 'grap'\n(Did you mean graph?)`. */
const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/^error: /, "cim: ")
    .replaceAll(/\s*\n\s*/g, " ");

/** The span of a command line, for the headers of its commands and queries. */
interface Span {
  readonly traceparent?: string;
}

/**
 * Runs a command inside a span of its own and sends the span to the collector at the end. Everything that follows from
 * the command, in any process, belongs to this span. Without a collector the command just runs.
 */
export const traced = async <T>(name: string, env: Environment, run: (span: Span) => Promise<T>): Promise<T> => {
  if (collectorOf(env) === undefined) return run({});
  const { Effect } = await import("effect");
  const { tracing } = await import("../../infrastructure/telemetry/otlp.ts");
  const { traceparentOf } = await import("../../application/trace-context.ts");
  return Effect.currentSpan.pipe(
    Effect.flatMap((span) =>
      Effect.tryPromise({ try: () => run({ traceparent: traceparentOf(span) }), catch: (error) => error }),
    ),
    Effect.withSpan(name, { kind: "client" }),
    Effect.provide(tracing(env, "cim-cli")),
    Effect.runPromise,
  );
};
