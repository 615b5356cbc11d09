import { stripVTControlCharacters } from "node:util";
import { flakes } from "./nix.ts";
import { runProgram } from "./program.ts";
import { lastLine } from "./ssh.ts";

/** Returns whether this machine has nix. */
export const hasNix = (signal: AbortSignal): Promise<boolean> =>
  runProgram("nix", ["--version"], { signal }).then(
    ({ code }) => code === 0,
    (error: unknown) => {
      if (signal.aborted) throw error;
      return false;
    },
  );

/** Returns the bytes of a closure in this machine's store, with its references; undefined if it is not there. */
export const closureSize = async (closure: string, signal: AbortSignal): Promise<number | undefined> => {
  const { code, stdout } = await runProgram("nix", [...flakes, "path-info", "--closure-size", closure], { signal });
  const bytes = Number(/\s(\d+)\s*$/.exec(stdout)?.[1]);
  return code === 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
};

/** Returns the packages whose version or size differs between two closures, a line each, in the format of nix. */
export const closureDifferences = async (
  before: string,
  after: string,
  signal: AbortSignal,
): Promise<ReadonlyArray<string>> => {
  const { code, stdout, stderr } = await runProgram("nix", [...flakes, "store", "diff-closures", before, after], {
    signal,
  });
  if (code !== 0) throw new Error(`nix cannot compare ${before} with ${after}: ${lastLine(stderr)}`);
  // Nix colours its output, on a terminal or not.
  return stripVTControlCharacters(stdout)
    .split("\n")
    .filter((line) => line !== "");
};
