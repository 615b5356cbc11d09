import type { CountingRule } from "./counting-rule.ts";
import { fractionOf } from "./fraction.ts";
import { qualifiedMajority } from "./qualified-majority.ts";
import { type CountedAs, type CountingRules, readingOf } from "./rules.ts";
import { simpleMajority } from "./simple-majority.ts";
import { unanimous } from "./unanimous.ts";

/** What a qualified majority needs where nothing else is said. */
export const defaultThreshold = "2/3";

const countingRules: Readonly<Record<CountedAs, (rules: CountingRules) => CountingRule>> = {
  "simple-majority": () => simpleMajority,
  "qualified-majority": ({ threshold = defaultThreshold }) => qualifiedMajority(fractionOf(threshold)),
  unanimous: () => unanimous,
};

/** How the ballots of a vote are read. */
export const countingRuleOf = (rules: CountingRules): CountingRule => countingRules[readingOf(rules)](rules);
