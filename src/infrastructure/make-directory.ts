import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Predicate } from "effect";

const codeOf = (error: unknown): unknown => (Predicate.hasProperty(error, "code") ? error.code : undefined);

/** Returns whether there is a file or directory at a path. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Makes a directory and those above it. Node's own recursive `mkdir` never returns if a file system refuses new entries
 * with ENOENT, as /proc does; this throws that error.
 */
export const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || (await exists(dirname(path)))) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path).catch((again: unknown) => {
      if (codeOf(again) !== "EEXIST") throw again;
    });
  }
};
