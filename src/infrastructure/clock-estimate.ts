/** One look at another clock. */
export interface Sample {
  /** What the other clock showed, in milliseconds since 1970. */
  readonly shown: number;
  /** When it showed that, by the monotonic clock of this process, in milliseconds. */
  readonly at: number;
  /** It may have been so many milliseconds earlier or later: half of what the look took. */
  readonly within: number;
}

/** How far two clocks may drift apart: 200 ms in a thousand seconds, which no quartz does. */
const drift = 0.0002;
/** Beyond what errors explain by this, the other clock has been set, in milliseconds. */
const set = 50;

/**
 * Another clock, as well as it is known from the looks at it: it goes on by the monotonic clock of this process, which
 * nobody sets. A look that took long, under load, replaces a better one only if that is too old, or if the other clock
 * was set meanwhile.
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

  /** What the other clock shows at a moment of the monotonic clock; undefined before the first look. */
  shownAt(at: number): number | undefined {
    return this.#best === undefined ? undefined : this.#best.shown + at - this.#best.at;
  }
}
