import { describe } from "@jest/globals";

/** A group of tests that needs something of the machine. If there is a reason why not, it is skipped, and a warning says it. */
export const describeIfPossible = (
  name: string,
  needs: string,
  reason: string | undefined,
  tests: () => void,
): void => {
  if (reason === undefined) {
    describe(name, tests);
    return;
  }
  console.warn(`skipped "${name}", which needs ${needs}: ${reason}`);
  describe.skip(name, tests);
};
