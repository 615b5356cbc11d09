import { Semaphore } from "effect";
import type { Loaded } from "./history.ts";

/** One aggregate in memory: its state, and the turn of commands that want to change it. */
export interface CacheEntry {
  readonly turn: Semaphore.Semaphore;
  loaded: Loaded | undefined;
  users: number;
}

/** The aggregates in memory. The least recently used is dropped first, unless it is in use. */
export class StateCache {
  readonly #entries = new Map<string, CacheEntry>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Acquires an entry. Every `acquire` needs its `release`. */
  acquire(key: string): CacheEntry {
    const entry = this.#entries.get(key) ?? { turn: Semaphore.makeUnsafe(1), loaded: undefined, users: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    return entry;
  }

  release(entry: CacheEntry): void {
    entry.users -= 1;
    if (this.#entries.size <= this.#capacity) return;
    for (const [key, candidate] of this.#entries) {
      if (this.#entries.size <= this.#capacity) return;
      if (candidate.users === 0) this.#entries.delete(key);
    }
  }
}
