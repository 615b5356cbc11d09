import { readFile } from "node:fs/promises";
import { type Signer, signerOf } from "../../agents/kit/mod.ts";
import { CliFailure, usageFailure } from "./errors.ts";

/** The option that names the key to sign with. */
export const signWith = [
  "--sign-with <file>",
  "the file with the seed of the key that is registered for you (see cim key)",
] as const;

const read = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CliFailure(`${file}, to sign with, cannot be read: make a key with \`cim key new ${file}\``, {
      cause: error,
    });
  }
};

/** The signer whose seed is in a file: alone on a line, as `cim key new`, `nk` and `.creds` files have it. */
export const signerFrom = async (file: string): Promise<Signer> => {
  const text = await read(file);
  const seed = text.split(/\s+/).find((word) => /^SU[A-Z2-7]{56}$/.test(word));
  if (seed === undefined)
    throw usageFailure(`${file} has no seed of a user's nkey: make one with \`cim key new FILE\``);
  try {
    return signerOf(seed);
  } catch {
    throw usageFailure(`the seed in ${file} is damaged: its checksum does not fit`);
  }
};
