import { Schema, Struct } from "effect";
import type { CountingRule } from "./count.ts";
import { type Fraction, fractionOf } from "./fraction.ts";
import { qualifiedMajority } from "./qualified-majority.ts";
import { simpleMajority } from "./simple-majority.ts";
import { unanimous } from "./unanimous.ts";

/** A protocol has one counting rule, or one for each threshold. */
type VoteProtocol =
  | { readonly rule: CountingRule }
  | { readonly ruleFor: (threshold: Fraction) => CountingRule; readonly defaultThreshold: string };

/** The counting rule of each protocol. To add a protocol, write its rule in its own file and add one line here. */
const counting = {
  "simple-majority": { rule: simpleMajority },
  "qualified-majority": { ruleFor: qualifiedMajority, defaultThreshold: "2/3" },
  unanimous: { rule: unanimous },
} satisfies Record<string, VoteProtocol>;

/** The protocol whose rule counts a `weighted` vote. */
export const CountedAs = Schema.Literals(Struct.keys(counting));
export type CountedAs = typeof CountedAs.Type;

/** How approvals and rejections become a result. `weighted` applies one of the other protocols to weights. */
export const Protocol = Schema.Literals([...CountedAs.literals, "weighted"]);
export type Protocol = typeof Protocol.Type;

/** The part of a vote's rules that chooses how ballots are counted. */
export interface Counting {
  readonly protocol: Protocol;
  readonly threshold?: string;
  readonly countedAs?: CountedAs;
}

/** Returns the protocol whose rule counts: the vote's own, or for a weighted vote the one in `countedAs`. */
export const countedAsOf = ({ protocol, countedAs = "simple-majority" }: Omit<Counting, "threshold">): CountedAs =>
  protocol === "weighted" ? countedAs : protocol;

const protocolOf = (rules: Omit<Counting, "threshold">): VoteProtocol => counting[countedAsOf(rules)];

/** Returns the threshold for rules that name none; undefined if the protocol has no threshold. */
export const defaultThresholdOf = (rules: Omit<Counting, "threshold">): string | undefined => {
  const protocol = protocolOf(rules);
  return "ruleFor" in protocol ? protocol.defaultThreshold : undefined;
};

/** Returns the rule that counts the ballots of a vote. */
export const countingRuleOf = (rules: Counting): CountingRule => {
  const protocol = protocolOf(rules);
  if ("rule" in protocol) return protocol.rule;
  return protocol.ruleFor(fractionOf(rules.threshold ?? protocol.defaultThreshold));
};
