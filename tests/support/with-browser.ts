import { describe } from "@jest/globals";
import { chromiumPath } from "./console.ts";

/** `describe` for tests that need a browser: skipped, with the reason in the name, if there is no Chromium. */
export const withBrowser = (name: string, tests: () => void): void =>
  chromiumPath === undefined
    ? describe.skip(
        `${name} (skipped: there is no Chromium; \`apt-get install chromium\`, or name one in CIM_CHROMIUM)`,
        tests,
      )
    : describe(name, tests);
