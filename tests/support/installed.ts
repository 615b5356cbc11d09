import { spawnSync } from "node:child_process";
import { describe, test } from "@jest/globals";

const isInstalled = (program: string): boolean =>
  spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;

/**
 * A group of tests that need a program of the machine. Where it is missing they are skipped, and a warning says what brings
 * it; where it is `required` they fail.
 */
export const describeWith =
  (program: string, hint = `apt-get install ${program} brings it`, required = false) =>
  (name: string, tests: () => void): void => {
    if (isInstalled(program)) {
      describe(name, tests);
      return;
    }
    const missing = `${program} is not installed: ${hint}`;
    if (required)
      test(name, () => {
        throw new Error(`${missing}; CIM_REQUIRE_NIX=1 asks for it`);
      });
    else {
      console.warn(`skipped "${name}": ${missing}`);
      describe.skip(name, tests);
    }
  };
