import type { Protocol } from "./contract.ts";
import type { CountingRule } from "./counting-rule.ts";
import { simpleMajority } from "./simple-majority.ts";

/** The counting rule of each protocol. */
export const countingRules: Readonly<Record<Protocol, CountingRule>> = {
  "simple-majority": simpleMajority,
};
