import { Context, type Effect, type Schema } from "effect";
import type { Steps } from "../../domain/kernel/mod.ts";
import type { TextIndex } from "../../domain/knowledge/concept-search.ts";
import type { Pins } from "../../domain/nix/mod.ts";
import type { StoreUnavailable } from "./event-store.ts";

/** Digests of content. Pure functions. They are a port only because a library provides the algorithms. */
export class Digests extends Context.Service<
  Digests,
  {
    /**
     * Returns the content id of an event: CIDv1, codec dag-json, BLAKE3-256, of `{content, previous, sequence}`.
     * `previous` is the content id of the aggregate's previous event (null for the first). `sequence` is the event's
     * number from 1. Time is left out, so that equal histories have equal ids. Pauses if the event is large.
     */
    readonly cid: (link: {
      readonly content: Schema.Json;
      readonly previous: string | null;
      readonly sequence: number;
    }) => Steps<string>;
    /** Returns `sha256-` and the hex SHA-256 of the UTF-8 text. */
    readonly sha256: (text: string) => string;
    /**
     * Returns whether `signature` (base64url) is the Ed25519 signature of `message` under the nkey `publicKey` (`U…`).
     */
    readonly verify: (publicKey: string, message: string, signature: string) => boolean;
  }
>()("cim/application/Digests") {}

/**
 * Turns texts into vectors that are close to each other if their meanings are. By default there is none, and concept
 * search uses words, synonyms and the knowledge graph. If an installation provides one, it ranks what these have found.
 */
export class Embedder extends Context.Service<
  Embedder,
  {
    /** Returns a vector for each text, all of the same length. */
    readonly embed: (
      texts: ReadonlyArray<string>,
    ) => Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, StoreUnavailable>;
  }
>()("cim/application/Embedder") {}

/** Creates text indexes in memory. It is a port only because a library provides the algorithms. */
export class TextIndexes extends Context.Service<TextIndexes, { readonly make: () => TextIndex }>()(
  "cim/application/TextIndexes",
) {}

/**
 * The sources of the inputs of deployed flakes. An input without an entry comes from the branch of its project. A
 * setting of the installation: it counts in the digest of a flake, so all its backends need the same.
 */
export const FlakeInputs = Context.Reference<Pins>("cim/application/FlakeInputs", { defaultValue: () => ({}) });
