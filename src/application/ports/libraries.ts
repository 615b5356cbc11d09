import { Context, type Effect, type Schema } from "effect";
import type { Steps } from "../../domain/kernel/mod.ts";
import type { TextIndex } from "../../domain/knowledge/concept-search.ts";
import type { Pins } from "../../domain/nix/mod.ts";
import type { StoreUnavailable } from "./event-store.ts";

/** Digests of content. Pure functions; a port only because the algorithms are a library's. */
export class Digests extends Context.Service<
  Digests,
  {
    /**
     * The content id of an event: CIDv1, codec dag-json, BLAKE3-256, of `{content, previous, sequence}`; `previous` is
     * the content id of the aggregate's event before (null for the first), `sequence` the event's number from 1.
     * Time is left out, so that equal histories have equal ids. Pauses if the event is large.
     */
    readonly cid: (link: {
      readonly content: Schema.Json;
      readonly previous: string | null;
      readonly sequence: number;
    }) => Steps<string>;
    /** `sha256-` and the hex SHA-256 of the UTF-8 text. */
    readonly sha256: (text: string) => string;
    /** True if `signature` (base64url) is the Ed25519 signature of `message` under the nkey `publicKey` (`U…`). */
    readonly verify: (publicKey: string, message: string, signature: string) => boolean;
  }
>()("cim/application/Digests") {}

/**
 * Turns texts into vectors that are near each other where their meanings are. There is none by default: concept search
 * then has words, synonyms and the knowledge graph. Where an installation provides one, it ranks what these have found.
 */
export class Embedder extends Context.Service<
  Embedder,
  {
    /** A vector for each text, all of one length. */
    readonly embed: (
      texts: ReadonlyArray<string>,
    ) => Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, StoreUnavailable>;
  }
>()("cim/application/Embedder") {}

/** Makes text indexes in memory. A port only because the algorithms are a library's. */
export class TextIndexes extends Context.Service<TextIndexes, { readonly make: () => TextIndex }>()(
  "cim/application/TextIndexes",
) {}

/**
 * Where the inputs of the flakes that are deployed come from; the branches of their projects where nothing is said. A
 * setting of the installation: it counts in the digest of a flake, so all its backends need the same.
 */
export const FlakeInputs = Context.Reference<Pins>("cim/application/FlakeInputs", { defaultValue: () => ({}) });
