import { type Array as Arr, Deferred, Effect, Exit, type Scope } from "effect";
import type { ReadFailure } from "../../../application/ports/mod.ts";
import type { NatsConnection } from "../connection.ts";
import { LogReader, type ReadItem } from "./log-reader.ts";

type Connection = NatsConnection["Service"];
type Items = Arr.NonEmptyReadonlyArray<ReadItem>;

/** Blocks that are kept for those who come after the first, who read the same ones at about the same time. */
const keptBlocks = 4;

/** What was read of the log at a time. */
interface Block {
  readonly items: Deferred.Deferred<Items, ReadFailure>;
  /** Where it ends, once it has been read. */
  last: number | undefined;
  /** Goes on after it, until somebody has taken it for the next block. */
  reader: LogReader | undefined;
}

/**
 * The older part of the log, in blocks that are read once for all who read it at the same time: the process managers of a
 * backend that starts. Whoever is slower than the others by some blocks reads for itself.
 */
export class LogBlocks {
  readonly #connection: Connection;
  readonly #scope: Scope.Scope;
  /** By the position after which they begin, the oldest first. */
  readonly #blocks = new Map<number, Block>();

  /** Reads for as long as `scope` lasts. */
  constructor(connection: Connection, scope: Scope.Scope) {
    this.#connection = connection;
    this.#scope = scope;
  }

  /** What comes after a position; nobody reads here what comes after `end`. */
  read(after: number, end: number): Effect.Effect<Items, ReadFailure> {
    return Effect.suspend(() => {
      const known = this.#blocks.get(after);
      return known === undefined ? this.#begin(after, end) : Deferred.await(known.items);
    });
  }

  #begin(after: number, end: number): Effect.Effect<Items, ReadFailure> {
    const reader = this.#readerAt(after);
    const block: Block = { items: Deferred.makeUnsafe(), last: undefined, reader: undefined };
    this.#blocks.set(after, block);
    const reading = reader.pull.pipe(
      Effect.onExit((exit) =>
        Effect.suspend(() => {
          const newest = Exit.isSuccess(exit) ? exit.value.at(-1) : undefined;
          if (newest !== undefined && this.#blocks.get(after) === block) {
            block.last = newest.kind === "commit" ? newest.commit.position : newest.position;
            if (block.last >= end) return Effect.andThen(reader.close, this.#forget);
            block.reader = reader;
            return this.#forget;
          }
          if (this.#blocks.get(after) === block) this.#blocks.delete(after);
          return reader.close;
        }),
      ),
    );
    // Not in the fiber of the first who asks: where that is interrupted, the others still want it.
    return Effect.andThen(Effect.forkIn(Deferred.into(reading, block.items), this.#scope), Deferred.await(block.items));
  }

  /** The reader of the block that ends here, or one of its own. */
  #readerAt(after: number): LogReader {
    for (const block of this.#blocks.values()) {
      const { reader } = block;
      if (block.last !== after || reader === undefined) continue;
      block.reader = undefined;
      return reader;
    }
    return new LogReader(this.#connection, after);
  }

  readonly #forget = Effect.suspend(() => {
    const surplus = [...this.#blocks].slice(0, Math.max(0, this.#blocks.size - keptBlocks));
    for (const [after] of surplus) this.#blocks.delete(after);
    return this.#close(surplus.map(([, block]) => block));
  });

  /** Ends all reading that nobody goes on with. */
  readonly close = Effect.suspend(() => {
    const blocks = [...this.#blocks.values()];
    this.#blocks.clear();
    return this.#close(blocks);
  });

  #close(blocks: ReadonlyArray<Block>): Effect.Effect<void> {
    return Effect.forEach(blocks, ({ reader }) => reader?.close ?? Effect.void, { discard: true });
  }
}
