import { type Array as Arr, Deferred, Effect, Exit, type Scope } from "effect";
import { positionOfItem, type StoreUnavailable } from "../../../application/ports/mod.ts";
import type { NatsConnection } from "../connection.ts";
import { LogReader, type ReadItem } from "./log-reader.ts";

type Connection = NatsConnection["Service"];
type Items = Arr.NonEmptyReadonlyArray<ReadItem>;

/** Blocks that are kept for readers that come a little later than the first. */
const keptBlocks = 4;

/** Commits that were read at a time. */
interface Block {
  readonly items: Deferred.Deferred<Items, StoreUnavailable>;
  /** The position at which it ends, when it has been read. */
  last: number | undefined;
  /** The reader that continues after it, until the next block has taken it. */
  reader: LogReader | undefined;
}

/**
 * The older part of the log, in blocks. A block is read once for all that read it at the same time, such as the process
 * managers of a backend that starts. A reader that is some blocks slower than the others reads for itself.
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

  /** The items after a position. No caller reads here what comes after `end`. */
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
    // Not in the fiber of the first caller: if that is interrupted, the others still want the block.
    return Effect.andThen(Effect.forkIn(Deferred.into(reading, block.items), this.#scope), Deferred.await(block.items));
  }

  /** The reader of the block that ends here, or a new one. */
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
