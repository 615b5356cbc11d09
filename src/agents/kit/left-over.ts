/** Milliseconds beyond the server's patience in which what was given and not acknowledged must have come again. */
const grace = 2_000;

/**
 * What an agent was given and never saw, or held when its process was killed: the server gives it again, but later than
 * what is newer. What is newer waits for it to keep its order.
 */
export class LeftOver {
  /** How many have not come again. */
  #missing = 0;
  /** How many have come and are not handled. */
  #inHand = 0;
  #newest = 0;
  #over: Promise<void> = Promise.resolve();
  #end: () => void = () => {};
  #patience: NodeJS.Timeout | undefined;

  /** Expects `count` messages more, none newer than the sequence `newest`, for `acknowledgeWithin` milliseconds. */
  expect(count: number, newest: number, acknowledgeWithin: number): void {
    if (count <= 0) return;
    if (this.#missing + this.#inHand === 0) {
      this.#over = new Promise<void>((resolve) => {
        this.#end = resolve;
      });
    }
    this.#missing += count;
    this.#newest = Math.max(this.#newest, newest);
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#giveUp(), acknowledgeWithin + grace);
    this.#patience.unref();
  }

  /** Whether a message that has come, by its sequence, is one of them; it counts from then on until it is `done`. */
  takes(sequence: number): boolean {
    if (this.#missing === 0 || sequence > this.#newest) return false;
    this.#missing -= 1;
    this.#inHand += 1;
    return true;
  }

  /** To be called when one of them has been handled. */
  done(): void {
    this.#inHand -= 1;
    this.#settle();
  }

  /** Resolves when all of them have been handled, or do not come any more. */
  get over(): Promise<void> {
    return this.#over;
  }

  #giveUp(): void {
    this.#missing = 0;
    this.#settle();
  }

  #settle(): void {
    if (this.#missing + this.#inHand > 0) return;
    clearTimeout(this.#patience);
    this.#end();
  }
}
