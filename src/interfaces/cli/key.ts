import { writeFile } from "node:fs/promises";
import { newSeed, signerOf } from "../../agents/kit/mod.ts";
import { CliFailure, exitCode, systemCode } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import type { CommandGroup } from "./program.ts";
import { signerFrom } from "./signing.ts";

const tell = ({ output }: Invocation, publicKey: string): number => {
  if (output.json) output.document({ publicKey });
  output.result(publicKey);
  return exitCode.done;
};

/** Keeps a new seed in a file of its owner's; one that is there is never overwritten. */
const make = (file: string) => async (cli: Invocation) => {
  const seed = newSeed();
  try {
    await writeFile(file, `${seed}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const problem = systemCode(error) === "EEXIST" ? "is there already: name another file" : "cannot be written";
    throw new CliFailure(`${file} ${problem}`, { cause: error });
  }
  return tell(cli, signerOf(seed).publicKey);
};

const show = (file: string) => async (cli: Invocation) => tell(cli, (await signerFrom(file)).publicKey);

/** `cim key`: what ballots and vetoes are signed with. Only public keys are ever printed. */
export const key: CommandGroup = (program, runner) => {
  const group = program.command("key").description("Keys that ballots and vetoes are signed with (nkeys of users).");
  group
    .command("new <file>")
    .description("Makes a key: keeps its seed in a new file, and prints the public key to register.")
    .action((file: string, _options, command) => runner.run(command, make(file)));
  group
    .command("show <file>")
    .description("Prints the public key of the seed in a file.")
    .action((file: string, _options, command) => runner.run(command, show(file)));
};
