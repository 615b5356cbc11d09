import { describeIfPossible } from "../describe-if-possible.ts";
import { machinesReason } from "./reason.ts";

/** A group of tests on machines; where they cannot be started it is skipped, and a warning says why. */
export const describeWithMachines = (name: string, tests: () => void): void =>
  describeIfPossible(name, "machines", machinesReason(), tests);
