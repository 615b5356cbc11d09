import { Result } from "effect";
import { type Rejection, refuse } from "../kernel/mod.ts";
import { type Share, shareText } from "./fraction.ts";
import { defaultThreshold } from "./protocols.ts";
import { type Rules, readingOf } from "./rules.ts";

/** Rules as they were written: shares in any form, and perhaps what the protocol has no use for. */
export interface WrittenRules extends Omit<Rules, "quorum" | "threshold"> {
  readonly quorum: Share;
  readonly threshold?: Share;
}

const misfit = ({ protocol, countedAs, threshold }: WrittenRules): string | undefined => {
  if (countedAs !== undefined && protocol !== "weighted")
    return `countedAs says how a weighted vote is counted, and this one is ${protocol}: leave it out`;
  if (threshold !== undefined && readingOf({ protocol, ...(countedAs && { countedAs }) }) !== "qualified-majority")
    return "only a qualified majority has a threshold: leave it out, or make the protocol qualified-majority";
  return undefined;
};

/** Complete rules, with shares as text in lowest terms, or why what was written does not fit together. */
export const rulesFrom = (written: WrittenRules, whose: string): Result.Result<Rules, Rejection> => {
  const problem = misfit(written);
  if (problem !== undefined) return refuse("rules-do-not-fit", `${whose}: ${problem}`);
  const { quorum, threshold, ...rest } = written;
  const counting = rest.protocol === "weighted" ? { countedAs: readingOf(rest) } : {};
  return Result.succeed({
    ...rest,
    ...counting,
    quorum: shareText(quorum),
    ...(readingOf(rest) === "qualified-majority" ? { threshold: shareText(threshold ?? defaultThreshold) } : {}),
  });
};

/** What of a policy's rules goes on to hold where a proposal names another protocol. */
export const underProtocol = (rules: Rules, protocol: Rules["protocol"], countedAs: Rules["countedAs"]): Rules => {
  if (protocol === rules.protocol && (countedAs === undefined || countedAs === rules.countedAs)) return rules;
  const { threshold, countedAs: before, ...rest } = rules;
  const next = { ...rest, protocol, ...(protocol === "weighted" ? { countedAs: countedAs ?? before } : {}) };
  const clean = next.countedAs === undefined ? withoutCountedAs(next) : { ...next, countedAs: next.countedAs };
  return readingOf(clean) === "qualified-majority" && threshold !== undefined ? { ...clean, threshold } : clean;
};

const withoutCountedAs = <T extends { readonly countedAs?: unknown }>({ countedAs: _, ...rest }: T) => rest;
