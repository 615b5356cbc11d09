import { Effect, Option } from "effect";
import type { EpochSnapshot } from "../domain/knowledge/contract.ts";
import type { Addition, KnowledgeSpace } from "./knowledge-space.ts";
import { Artifacts, Digests } from "./ports/mod.ts";

/** The number of additions in a chunk. A chunk has a few megabytes, which a reader can take at once. */
const perChunk = 20_000;

/**
 * Stores all records of a space as JSON lines, in the order of the log, in chunks by digest. Chunks are filled in that
 * order. So chunks of earlier snapshots get the same digests again, and storing them costs nothing.
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

/** Returns the additions of a snapshot; undefined if a chunk is missing or damaged. They are also in the log. */
export const loadSnapshot = Effect.fnUntraced(function* ({ chunks }: EpochSnapshot) {
  const artifacts = yield* Artifacts;
  const { sha256 } = yield* Digests;
  const additions: Array<Addition> = [];
  for (const digest of chunks) {
    const text = Option.getOrUndefined(yield* Effect.catch(artifacts.get(digest), () => Effect.succeedNone));
    if (text === undefined || sha256(text) !== digest) return undefined;
    // Text with this digest was written by `storeSnapshot`.
    for (const line of text.split("\n")) if (line !== "") additions.push(JSON.parse(line) as Addition);
  }
  return additions;
});
