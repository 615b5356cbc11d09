import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Log, StepFailed } from "../../contract/hosts.ts";
import { redacted } from "./redact.ts";

/** The end of a program. */
export interface Ended {
  /** The exit code; 128 if a signal ended it, as in a shell. */
  readonly code: number;
  readonly stdout: string;
  /** The last lines of stderr, without secrets. */
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with each line as it comes, without secrets. */
  readonly log?: Log | undefined;
  /** The stream whose lines are logged; stderr by default. */
  readonly logged?: "stdout" | "stderr";
}

/** The number of lines of stderr that are kept for the error message. */
const tail = 30;
/** Milliseconds that a program has to end after SIGTERM. */
const patience = 5_000;

/**
 * Runs a program to its end. If `signal` aborts, ends the program with all its children and throws the reason. Throws
 * {@link StepFailed} if there is no such program.
 */
export const runProgram = async (
  program: string,
  args: ReadonlyArray<string>,
  { signal, input = "", env = process.env, log, logged = "stderr" }: ProgramOptions,
): Promise<Ended> => {
  signal.throwIfAborted();
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
  const out: Array<string> = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  const lines: Array<string> = [];
  linesOf(child.stderr, (line) => {
    if (lines.push(line) > tail) lines.shift();
  });
  if (log !== undefined) linesOf(child[logged], log);
  // A program may end before it has read all of its input.
  child.stdin.on("error", () => {}).end(input);
  const abort = () => {
    endGroup(child.pid, "SIGTERM");
    setTimeout(() => endGroup(child.pid, "SIGKILL"), patience).unref();
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const code = await ended;
    signal.throwIfAborted();
    return { code, stdout: out.join(""), stderr: lines.join("\n") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new StepFailed({
        message: `there is no program \`${program}\` here: install it, or put it on the PATH of the backend`,
      });
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

/** Calls `take` with each line as it comes, without secrets. */
const linesOf = (input: Readable, take: (line: string) => void): void => {
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => take(redacted(line)));
};

const endGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
};
