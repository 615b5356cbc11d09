/** Milliseconds beyond the server's patience in which what was given and not acknowledged must have come again. */
const grace = 2_000;

/**
 * What an agent was given and never saw, or held when its process was killed: the server gives it again, but later than
 * what is newer. What is newer waits for it to keep its order.
 */
export class LeftOver {
  #left = 0;
  #newest = 0;
  #over: Promise<void> = Promise.resolve();
  #end: () => void = () => {};
  #patience: NodeJS.Timeout | undefined;

  /** Expects `count` messages more, none newer than the sequence `newest`, for `acknowledgeWithin` milliseconds. */
  expect(count: number, newest: number, acknowledgeWithin: number): void {
    if (count <= 0) return;
    if (this.#left === 0) {
      this.#over = new Promise<void>((resolve) => {
        this.#end = resolve;
      });
    }
    this.#left += count;
    this.#newest = Math.max(this.#newest, newest);
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#settle(), acknowledgeWithin + grace);
    this.#patience.unref();
  }

  /** Whether a message, by its sequence, may be one of them. */
  holds(sequence: number): boolean {
    return this.#left > 0 && sequence <= this.#newest;
  }

  /** To be called when one of them has been handled. */
  done(): void {
    this.#left -= 1;
    if (this.#left <= 0) this.#settle();
  }

  /** Resolves when all of them have been handled, or do not come any more. */
  get over(): Promise<void> {
    return this.#over;
  }

  #settle(): void {
    this.#left = 0;
    clearTimeout(this.#patience);
    this.#end();
  }
}
