/** One look at another clock. */
export interface Sample {
  /** What the other clock showed, in milliseconds since 1970. */
  readonly shown: number;
  /** When it showed that, by the monotonic clock of this process, in milliseconds. */
  readonly at: number;
  /** The error of `at`, in milliseconds either way: half of the time that the look took. */
  readonly within: number;
}

/** The most that two clocks may drift apart, as a ratio: 200 ms in 1,000 s. No quartz drifts that far. */
const drift = 0.0002;
/** If a difference exceeds its possible error by more than this, the other clock was set. In milliseconds. */
const set = 50;

/**
 * An estimate of another clock. Between two looks it advances with the monotonic clock of this process, which nobody
 * can set. A slow look, taken under load, is less exact. It replaces a better one only if that one is too old, or if
 * the other clock was set since.
 */
export class ClockEstimate {
  #best: Sample | undefined;

  take(sample: Sample): void {
    const best = this.#best;
    if (best !== undefined) {
      const within = best.within + (sample.at - best.at) * drift;
      const apart = Math.abs(sample.shown - (best.shown + sample.at - best.at));
      if (sample.within > within && apart <= within + sample.within + set) return;
    }
    this.#best = sample;
  }

  /** Returns what the other clock shows at a moment of the monotonic clock; undefined before the first look. */
  shownAt(at: number): number | undefined {
    return this.#best === undefined ? undefined : this.#best.shown + at - this.#best.at;
  }
}
