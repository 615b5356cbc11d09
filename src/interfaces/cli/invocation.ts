import type { Command } from "commander";
import { environmentOf } from "./context/environment.ts";
import { makeOutput, type Output, type Sink } from "./output.ts";
import { type Environment, type Settings, settingsOf } from "./settings.ts";

/** One run of one command. Every handler gets it besides its own arguments. */
export interface Invocation {
  readonly settings: Settings;
  readonly output: Output;
  readonly host: Host;
  readonly signal: AbortSignal;
  /** The span of this run, if it is traced. */
  readonly traceparent?: string;
  /** Connects with the credentials of the backend, if the folder of keys is named. */
  readonly asBackend?: boolean;
}

/** What a command does; the number is its exit code. */
export type Handler = (invocation: Invocation) => Promise<number>;

/** Connects commander's actions to handlers and keeps the exit code. */
export interface Runner {
  readonly host: Host;
  readonly run: (command: Command, handler: Handler) => Promise<void>;
}

/** The same host with another environment. Its standard input stays closed until somebody asks for it. */
const inEnvironment = (host: Host, env: Environment): Host => ({
  env,
  stdout: host.stdout,
  stderr: host.stderr,
  get stdin() {
    return host.stdin;
  },
  readStdin: host.readStdin,
  signal: host.signal,
});

export const invocationOf = (command: Command, host: Host): Invocation => {
  const env = environmentOf(command, host.env);
  const settings = settingsOf(command, env);
  const { json, color } = settings;
  const output = makeOutput({ stdout: host.stdout, stderr: host.stderr, json, color, env });
  return { settings, output, host: inEnvironment(host, env), signal: host.signal };
};

/** Adds a command, or a group of commands, to the program. */
export type CommandGroup = (program: Command, runner: Runner) => void;

/** What the command line runs in: the process, or a stand-in of a test. */
export interface Host {
  readonly env: Environment;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Standard input, for commands that read it as it comes. */
  readonly stdin: NodeJS.ReadableStream;
  /** All of standard input. */
  readonly readStdin: () => Promise<Uint8Array>;
  /** Aborts when the command should end: on SIGINT and SIGTERM, and when the reader of its output has gone. */
  readonly signal: AbortSignal;
}
