import { Schema } from "effect";

/**
 * The kinds of proposals that something in the system waits for. There may be proposals of any other kind: nothing but
 * their voters waits for these, and they are decided by the policy `default`.
 */
export const ProposalKind = Schema.Literals(["deployment", "repair", "change", "knowledge", "policy", "unfreeze"]);
export type ProposalKind = typeof ProposalKind.Type;

/** The id of the policy for every kind that has none of its own. */
export const defaultPolicyId = "default";

/** What there can be a policy for: each kind, and all others together. */
export const policyIds: ReadonlyArray<string> = [...ProposalKind.literals, defaultPolicyId];

/** The principal that puts changes of the rules to the vote. */
export const ruleVotesName = "rule-votes";

/** The kinds for which something waits that ends with a veto. */
const endingWithVeto: ReadonlySet<string> = new Set(["deployment", "repair", "change", "knowledge"]);

/** Whether what waits for a proposal of a kind has ended with a veto: the vote does not go on if the veto is struck. */
export const endsWithVeto = (kind: string): boolean => endingWithVeto.has(kind);

/** The kinds whose proposals come about in one way only. Who submits them has fixed their electorate already. */
const ofTheRules: ReadonlySet<string> = new Set(["policy", "unfreeze"]);

/** Whether proposals of a kind change the rules: only the backend itself submits them, for a command of their own. */
export const changesRules = (kind: string): boolean => ofTheRules.has(kind);
