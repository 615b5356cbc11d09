/**
 * Pure work that may be long. It pauses at each `yield`, so that whoever runs it may let others go on; what comes of it
 * does not depend on that.
 */
export type Steps<A> = Generator<undefined, A, undefined>;

/** Runs the work without a pause. */
export const atOnce = <A>(steps: Steps<A>): A => {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};
