import type { Digests } from "./ports/mod.ts";

/** SHA-256 in hex alone, without the name of the algorithm. */
export const hexSha256 =
  (sha256: Digests["Service"]["sha256"]) =>
  (text: string): string =>
    sha256(text).slice("sha256-".length);
