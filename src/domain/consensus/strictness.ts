import { Result } from "effect";
import { canonicalJson, type Rejection, refuse } from "../kernel/mod.ts";
import type { KnownPolicy } from "./contract.ts";
import { fractionOf } from "./fraction.ts";
import { defaultPolicyId } from "./kinds.ts";
import { type PolicyDocument, rulesOf } from "./policy-document.ts";
import { countedAsOf } from "./protocols.ts";
import { type Rules, rulesFrom, underProtocol, type WrittenRules } from "./rules.ts";

const isLess = (one: string, other: string): boolean => {
  const [left, right] = [fractionOf(one), fractionOf(other)];
  return left.numerator * right.denominator < right.numerator * left.denominator;
};

const strength = { "simple-majority": 0, "qualified-majority": 1, unanimous: 2 } as const;

const nameOf = (rules: Rules): string =>
  `${countedAsOf(rules)}${rules.threshold === undefined ? "" : ` by ${rules.threshold}`}`;

/** Returns whether `rules` can approve by their protocol what `policy` would not, with the same ballots. */
const countsWeaker = (rules: Rules, policy: Rules): boolean => {
  const [own, least] = [countedAsOf(rules), countedAsOf(policy)];
  if (strength[own] !== strength[least]) return strength[own] < strength[least];
  return rules.threshold !== undefined && policy.threshold !== undefined && isLess(rules.threshold, policy.threshold);
};

const shorter = (what: string, seconds: number, least: number): ReadonlyArray<string> =>
  seconds < least ? [`${what} ${seconds} s, and the policy requires at least ${least} s`] : [];

/**
 * Returns in which ways rules are weaker than a policy; empty if they are equal or stricter. If rules are not weaker,
 * the policy's own rules approve everything that they approve, with the same electorate and ballots. The vote also
 * takes no less time, needs no less proof, and keeps every veto.
 */
export const weaknesses = (rules: Rules, policy: PolicyDocument): ReadonlyArray<string> => {
  const least = rulesOf(policy);
  const vetoes = rules.vetoHolders ?? [];
  const unheard = (least.vetoHolders ?? []).filter((id) => !vetoes.includes(id));
  const { lateQuorum = { withinSeconds: 0, extensionSeconds: 0 } } = rules;
  return [
    ...(countsWeaker(rules, least) ? [`${nameOf(rules)} is weaker than ${nameOf(least)}`] : []),
    ...(isLess(rules.quorum, least.quorum) ? [`the quorum ${rules.quorum} is less than ${least.quorum}`] : []),
    ...shorter("discussionSeconds are", rules.discussionSeconds, least.discussionSeconds),
    ...shorter("votingSeconds are", rules.votingSeconds, policy.minimumVotingSeconds ?? 0),
    ...shorter("enactmentDelaySeconds are", rules.enactmentDelaySeconds ?? 0, least.enactmentDelaySeconds ?? 0),
    ...shorter("lateQuorum has withinSeconds of", lateQuorum.withinSeconds, least.lateQuorum?.withinSeconds ?? 0),
    ...shorter(
      "lateQuorum has extensionSeconds of",
      lateQuorum.extensionSeconds,
      least.lateQuorum?.extensionSeconds ?? 0,
    ),
    ...(least.awaitConditions === true && rules.awaitConditions !== true
      ? ["it does not wait for all voters who could add a condition"]
      : []),
    ...(least.signedBallots === true && rules.signedBallots !== true ? ["ballots need not be signed"] : []),
    ...unheard.map((id) => `\`${id}\` has no veto`),
  ];
};

/**
 * Returns whether a policy is binding as a minimum. The shipped default is not: it only fills in what proposals leave
 * out.
 */
const isLaw = ({ id, version }: KnownPolicy): boolean => id !== defaultPolicyId || version > 0;

/** The rules that a binding policy fixes. A proposal may always wait for all voters who could add a condition. */
const fixed = ({ awaitConditions: _, ...rules }: Rules): Omit<Rules, "awaitConditions"> => rules;

/**
 * Returns the rules of a vote: its own, and its policy's for every absent one. They may be stricter than the policy,
 * never weaker. Under a binding policy they must equal the policy's.
 */
export const rulesUnder = (
  policy: KnownPolicy,
  own: Partial<WrittenRules>,
  whose: string,
): Result.Result<Rules, Rejection> => {
  const rules = rulesOf(policy.document);
  const under = underProtocol(rules, own.protocol ?? rules.protocol, own.countedAs);
  return Result.flatMap(rulesFrom({ ...under, ...own }, whose), (complete) => {
    if (policy.document.binding === true && canonicalJson(fixed(complete)) !== canonicalJson(fixed(rules)))
      return refuse("policy-binding", `${whose}: policy \`${policy.id}\` is binding; leave out what differs from it`);
    return isLaw(policy) ? Result.map(notWeaker(complete, policy, whose), () => complete) : Result.succeed(complete);
  });
};

/** Refuses rules that are weaker than a policy. */
export const notWeaker = (rules: Rules, policy: KnownPolicy, whose: string): Result.Result<void, Rejection> => {
  const weaker = isLaw(policy) ? weaknesses(rules, policy.document) : [];
  return weaker.length === 0
    ? Result.succeed(undefined)
    : refuse(
        "weaker-than-policy",
        `${whose}: policy \`${policy.id}\` asks for more: ${weaker.join("; ")}. Rules may be stricter, never weaker`,
        { policy: policy.id, weaker: [...weaker] },
      );
};

/** Returns the policy without its discussion time. The discussion of a deployment precedes its vote. */
export const afterDiscussion = (policy: KnownPolicy): KnownPolicy => ({
  ...policy,
  document: { ...policy.document, discussionSeconds: 0 },
});
