import type { Sink } from "./output.ts";
import type { Environment } from "./settings.ts";

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
