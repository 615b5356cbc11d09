import { type Array as Arr, Deferred, Effect, Exit, type Scope } from "effect";
import { positionOfItem, type StoreUnavailable } from "../../../application/ports/mod.ts";
import type { NatsConnection } from "../connection.ts";
import { LogReader, type ReadItem } from "./log-reader.ts";

type Connection = NatsConnection["Service"];
type Items = Arr.NonEmptyReadonlyArray<ReadItem>;

/** The blocks that are kept for readers that come a little later than the first. */
const keptBlocks = 4;

/** Commits that were read together. */
interface Block {
  readonly items: Deferred.Deferred<Items, StoreUnavailable>;
  /** The position at which the block ends, once it has been read. */
  last: number | undefined;
  /** The reader that continues after it, until the next block has taken it. */
  reader: LogReader | undefined;
}

/**
 * The older part of the log, in blocks. Readers at the same place share a block, so it is read once. Otherwise each
 * process manager of a backend that starts would read the whole log for itself. A reader that falls some blocks behind
 * the others does read for itself.
 */
export class LogBlocks {
  readonly #connection: Connection;
  readonly #scope: Scope.Scope;
  /** By the position after which they begin, the oldest first. */
  readonly #blocks = new Map<number, Block>();

  /** Reads as long as `scope` lasts. */
  constructor(connection: Connection, scope: Scope.Scope) {
    this.#connection = connection;
    this.#scope = scope;
  }

  /** Returns the items after a position. No caller reads past `end` here. */
  read(after: number, end: number): Effect.Effect<Items, StoreUnavailable> {
    return Effect.suspend(() => {
      const known = this.#blocks.get(after);
      return known === undefined ? this.#begin(after, end) : Deferred.await(known.items);
    });
  }

  #begin(after: number, end: number): Effect.Effect<Items, StoreUnavailable> {
    const reader = this.#readerAt(after);
    const block: Block = { items: Deferred.makeUnsafe(), last: undefined, reader: undefined };
    this.#blocks.set(after, block);
    const reading = reader.pull.pipe(
      Effect.onExit((exit) =>
        Effect.suspend(() => {
          const newest = Exit.isSuccess(exit) ? exit.value.at(-1) : undefined;
          if (newest !== undefined && this.#blocks.get(after) === block) {
            block.last = positionOfItem(newest);
            if (block.last >= end) return Effect.andThen(reader.close, this.#forget);
            block.reader = reader;
            return this.#forget;
          }
          if (this.#blocks.get(after) === block) this.#blocks.delete(after);
          return reader.close;
        }),
      ),
    );
    // Not in the fiber of the first caller: if that is interrupted, the others still need the block.
    return Effect.andThen(Effect.forkIn(Deferred.into(reading, block.items), this.#scope), Deferred.await(block.items));
  }

  /** Returns the reader of the block that ends here, or a new one. */
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

  /** Ends all reading. */
  readonly close = Effect.suspend(() => {
    const blocks = [...this.#blocks.values()];
    this.#blocks.clear();
    return this.#close(blocks);
  });

  #close(blocks: ReadonlyArray<Block>): Effect.Effect<void> {
    return Effect.forEach(blocks, ({ reader }) => reader?.close ?? Effect.void, { discard: true });
  }
}
