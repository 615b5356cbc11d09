import { readFile, writeFile } from "node:fs/promises";
import { newSeed, type Signer, signerOf } from "../../agents/kit/signer.ts";
import { CliFailure, exitCode, systemCode, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";

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

/**
 * The signer of the seed in a file. The seed is a word of its own, as in files of `cim key new` and `nk`, and in
 * `.creds`.
 */
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

const print = ({ output }: Invocation, publicKey: string): number => {
  if (output.json) output.document({ publicKey });
  output.result(publicKey);
  return exitCode.done;
};

/** Writes a new seed to a file that only its owner may read. Never overwrites a file. */
const make = (file: string) => async (cli: Invocation) => {
  const seed = newSeed();
  try {
    await writeFile(file, `${seed}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const problem = systemCode(error) === "EEXIST" ? "is there already: name another file" : "cannot be written";
    throw new CliFailure(`${file} ${problem}`, { cause: error });
  }
  return print(cli, signerOf(seed).publicKey);
};

const show = (file: string) => async (cli: Invocation) => print(cli, (await signerFrom(file)).publicKey);

/** `cim key`: keys to sign ballots and vetoes with. Only public keys are ever printed. */
export const key: CommandGroup = (program, runner) => {
  const group = program.command("key").description("Keys that ballots and vetoes are signed with (nkeys of users).");
  group
    .command("new <file>")
    .description("Makes a key: writes its seed to a new file and prints the public key to register.")
    .action((file: string, _options, command) => runner.run(command, make(file)));
  group
    .command("show <file>")
    .description("Prints the public key of the seed in a file.")
    .action((file: string, _options, command) => runner.run(command, show(file)));
};
