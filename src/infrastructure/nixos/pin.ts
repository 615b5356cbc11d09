import { Option, Schema } from "effect";
import { flakes } from "./nix.ts";
import { runProgram } from "./program.ts";
import { lastLine } from "./ssh.ts";

const decodeMetadata = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ url: Schema.NonEmptyString })));

/**
 * Returns a reference to exactly what a flake reference means now: a commit and the hash of its content. Nix asks the
 * place that it names, so this may take the network. Throws with the words of nix if there is none.
 */
export const lockedReference = async (reference: string, signal: AbortSignal): Promise<string> => {
  const args = [...flakes, "flake", "metadata", "--json", "--refresh"];
  const { code, stdout, stderr } = await runProgram("nix", [...args, reference], { signal });
  const locked = code === 0 ? Option.getOrUndefined(decodeMetadata(stdout))?.url : undefined;
  if (locked === undefined)
    throw new Error(`nix cannot say what ${reference} is: ${lastLine(stderr) || "it said nothing"}`);
  return locked;
};
