import type { Command } from "commander";
import type { Host } from "./host.ts";
import { makeOutput, type Output } from "./output.ts";
import { type Settings, settingsOf } from "./settings.ts";

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
