import type { Command } from "commander";
import { makeOutput, type Output, type Sink } from "./output.ts";
import { type Environment, type Settings, settingsOf } from "./settings.ts";

/** One run of one command: what every handler gets besides its own arguments. */
export interface Invocation {
  readonly settings: Settings;
  readonly output: Output;
  readonly host: Host;
  readonly signal: AbortSignal;
  /** The span of this run, where it is traced. */
  readonly traceparent?: string;
}

/** What a command does; the number is its exit code. */
export type Handler = (invocation: Invocation) => Promise<number>;

/** Connects commander's actions to handlers, and remembers the exit code. */
export interface Runner {
  readonly host: Host;
  readonly run: (command: Command, handler: Handler) => Promise<void>;
}

export const invocationOf = (command: Command, host: Host): Invocation => {
  const settings = settingsOf(command, host.env);
  const { json, color } = settings;
  const output = makeOutput({ stdout: host.stdout, stderr: host.stderr, json, color, env: host.env });
  return { settings, output, host, signal: host.signal };
};

/** A group of commands, added to the program. */
export type CommandGroup = (program: Command, runner: Runner) => void;

/** What the command line runs in: the process, or what a test puts in its place. */
export interface Host {
  readonly env: Environment;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Standard input, for what reads it as it comes. */
  readonly stdin: NodeJS.ReadableStream;
  /** All of it. */
  readonly readStdin: () => Promise<Uint8Array>;
  /** Aborts when the user wants the command to end: SIGINT, SIGTERM, or nobody reads its output any more. */
  readonly signal: AbortSignal;
}
