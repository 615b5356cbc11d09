import { createInterface } from "node:readline/promises";
import { CliFailure } from "./errors.ts";
import type { Invocation } from "./invocation.ts";

/** The option that answers the question beforehand. */
export const yes = ["--yes", "do it without asking"] as const;

/**
 * Asks on a terminal whether something that is not easily undone shall be done, and fails if the answer is not yes. A
 * program, or a terminal that `--yes` was said to, is not asked.
 */
export const confirm = async ({ host, output, signal }: Invocation, question: string, sure = false): Promise<void> => {
  const isTerminal = "isTTY" in host.stdin && host.stdin.isTTY === true && output.live && !output.json;
  if (sure || !isTerminal) return;
  output.redraw(`${question} [y/N] `);
  const lines = createInterface({ input: host.stdin });
  try {
    for await (const line of lines) {
      if (/^\s*y(?:es)?\s*$/iu.test(line)) return;
      break;
    }
  } finally {
    lines.close();
  }
  signal.throwIfAborted();
  throw new CliFailure("nothing was done: answer y, or give --yes");
};
