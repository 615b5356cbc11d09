/**
 * Pure work that may take long. It pauses at each `yield`, so that its runner can let other work go on. The result does
 * not depend on the pauses.
 */
export type Steps<A> = Generator<undefined, A, undefined>;

/** Runs the work without pauses. */
export const atOnce = <A>(steps: Steps<A>): A => {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};
