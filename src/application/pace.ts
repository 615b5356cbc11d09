import { Effect } from "effect";

/**
 * How a follower of the log gathers what comes. It takes the first commit after a silence at once, and what follows in
 * batches, with a pause between two. Without pauses a follower would run for every single commit, and the next command
 * would wait for it.
 */
export class Pace {
  readonly #pause: number;
  readonly #isHurried: () => boolean;
  readonly #waiting = new Set<() => void>();

  /** `pause` is in milliseconds. While `isHurried` there are no pauses. */
  constructor(pause: number, isHurried: () => boolean) {
    this.#pause = pause;
    this.#isHurried = isHurried;
  }

  /** Ends the pause: somebody waits for what comes after it. */
  hurry(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Waits for what is left of the pause since `last`, a moment of `performance.now()`. */
  since(last: number): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const left = last + this.#pause - performance.now();
      if (left <= 0 || this.#isHurried()) return resume(Effect.void);
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
      };
      const wake = () => {
        end();
        resume(Effect.void);
      };
      const timer = setTimeout(wake, left);
      this.#waiting.add(wake);
      return Effect.sync(end);
    });
  }
}
