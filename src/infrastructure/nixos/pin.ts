import { Option, Schema } from "effect";
import type { LockReference } from "../../contract/hosts.ts";
import { flakes } from "./nix.ts";
import { runProgram } from "./program.ts";
import { lastLine } from "./ssh.ts";

const decodeMetadata = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ url: Schema.NonEmptyString })));

/**
 * Returns the locked form of a reference. Nix asks the source of the reference, so this may use the network. Throws the
 * error that nix prints.
 */
export const lockedReference: LockReference = async (reference, signal) => {
  const args = [...flakes, "flake", "metadata", "--json", "--refresh"];
  const { code, stdout, stderr } = await runProgram("nix", [...args, reference], { signal });
  const locked = code === 0 ? Option.getOrUndefined(decodeMetadata(stdout))?.url : undefined;
  if (locked === undefined) {
    // Nix ends with a hint about traces, which does not help here.
    const said = stderr.replace(/\(use '--show-trace'[^\n]*/g, "");
    throw new Error(`nix cannot say what ${reference} is: ${lastLine(said) || "it said nothing"}`);
  }
  return locked;
};
