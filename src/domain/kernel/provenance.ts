import { Schema } from "effect";
import { bounds, NonEmptyText } from "./bounds.ts";

/**
 * How a text was produced, as its author claims: the language model, the digest of the prompt, the tool. Nobody
 * verifies it.
 */
export const Provenance = Schema.Struct({
  model: Schema.optionalKey(NonEmptyText(bounds.name)),
  promptDigest: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^sha256-[0-9a-f]{64}$/u, { expected: "`sha256-` and the SHA-256 of the prompt in hex" }),
    ),
  ),
  tool: Schema.optionalKey(NonEmptyText(bounds.name)),
}).annotate({ identifier: "Provenance" });
export type Provenance = typeof Provenance.Type;

/** Returns a provenance in words; undefined if it is empty. */
export const provenanceText = ({ model, tool, promptDigest }: Provenance): string | undefined => {
  const parts = [
    ...(model === undefined ? [] : [`model ${model}`]),
    ...(tool === undefined ? [] : [`tool ${tool}`]),
    ...(promptDigest === undefined ? [] : [`prompt ${promptDigest}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
};
