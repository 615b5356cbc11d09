import { Layer } from "effect";
import { TextIndexes } from "../../application/ports/mod.ts";
import { textIndex } from "./text-index.ts";

/** Text indexes by MiniSearch. */
export const textIndexesLayer = Layer.succeed(TextIndexes, { make: textIndex });
