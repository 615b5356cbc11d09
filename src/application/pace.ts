import { Effect } from "effect";

/**
 * How a follower of the log batches items. It takes the first commit after a silence at once. Later ones come in
 * batches with a pause between them. Without pauses, a follower would run for every single commit and delay the next
 * command.
 */
export class Pace {
  readonly #pause: number;
  readonly #isHurried: () => boolean;
  readonly #waiting = new Set<() => void>();

  /** `pause` is in milliseconds. While `isHurried` returns true, there are no pauses. */
  constructor(pause: number, isHurried: () => boolean) {
    this.#pause = pause;
    this.#isHurried = isHurried;
  }

  /** Ends the pause, because somebody waits for the next items. */
  hurry(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Waits for the rest of the pause since `last`, a moment of `performance.now()`. */
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
