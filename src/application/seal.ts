import { canonicalJson } from "../domain/kernel/mod.ts";
import type { NewCommit } from "./ports/mod.ts";

/**
 * What a commit is sealed with: the SHA-256 of the canonical JSON of everything in it besides the seal, where each event
 * stands for itself by its content id. Content ids cover what happened; the seal covers who, when and why.
 */
export const sealOf = (
  { seal: _, events, ...envelope }: NewCommit & { readonly position?: number },
  sha256: (text: string) => string,
): string => {
  const { position: __, ...stored } = envelope;
  return sha256(canonicalJson({ ...stored, events: events.map(({ cid }) => cid) }));
};
