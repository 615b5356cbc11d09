import { Context } from "effect";
import type { TextIndex } from "../../domain/knowledge/concept-search.ts";

/** Makes text indexes in memory. A port only because the algorithms are a library's. */
export class TextIndexes extends Context.Service<TextIndexes, { readonly make: () => TextIndex }>()(
  "cim/application/TextIndexes",
) {}
