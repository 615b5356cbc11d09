import { describe } from "@jest/globals";
import { machinesReason } from "./reason.ts";

/** A group of tests on machines; where they cannot be started it is skipped, and a warning says why. */
export const describeWithMachines = (name: string, tests: () => void): void => {
  const reason = machinesReason();
  if (reason === undefined) {
    describe(name, tests);
    return;
  }
  console.warn(`skipped "${name}", which needs machines: ${reason}`);
  describe.skip(name, tests);
};
