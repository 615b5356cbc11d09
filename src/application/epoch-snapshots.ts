import { Effect, Option } from "effect";
import type { EpochSnapshot } from "../domain/knowledge/contract.ts";
import type { Addition, KnowledgeSpace } from "./knowledge-space.ts";
import { Artifacts, Digests } from "./ports/mod.ts";

/** Additions in a chunk: some megabytes, which a reader takes at once. */
const perChunk = 20_000;

/**
 * Stores all that a space holds, in the order of the log, as JSON lines in chunks by digest. What was stored before is
 * stored again under its digest, which costs nothing: chunks are filled in the order of the log.
 */
export const storeSnapshot = Effect.fnUntraced(function* (space: KnowledgeSpace) {
  const artifacts = yield* Artifacts;
  const { sha256 } = yield* Digests;
  const { additions, position, version, now } = space;
  const chunks: Array<string> = [];
  const { size: records, content } = now.base;
  for (let from = 0; from < additions.length; from += perChunk) {
    const text = additions
      .slice(from, from + perChunk)
      .map((addition) => `${JSON.stringify(addition)}\n`)
      .join("");
    const digest = sha256(text);
    yield* artifacts.put(digest, text);
    chunks.push(digest);
  }
  const snapshot: EpochSnapshot = { chunks, records, content, version, position };
  return snapshot;
});

/** Returns the additions of a snapshot; undefined if a chunk is missing or damaged. The log has them too. */
export const loadSnapshot = Effect.fnUntraced(function* ({ chunks }: EpochSnapshot) {
  const artifacts = yield* Artifacts;
  const { sha256 } = yield* Digests;
  const additions: Array<Addition> = [];
  for (const digest of chunks) {
    const text = Option.getOrUndefined(yield* Effect.catch(artifacts.get(digest), () => Effect.succeedNone));
    if (text === undefined || sha256(text) !== digest) return undefined;
    // What its digest names was written by `storeSnapshot`.
    for (const line of text.split("\n")) if (line !== "") additions.push(JSON.parse(line) as Addition);
  }
  return additions;
});
