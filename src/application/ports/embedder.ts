import { Context, type Effect } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

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
