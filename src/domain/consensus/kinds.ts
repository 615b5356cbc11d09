import { Schema } from "effect";

/**
 * The kinds of proposals on which a process of the system depends. Proposals may have any other kind. The policy
 * `default` decides those, and nothing in the system waits for them.
 */
export const ProposalKind = Schema.Literals(["deployment", "repair", "change", "knowledge", "policy", "unfreeze"]);
export type ProposalKind = typeof ProposalKind.Type;

/** The id of the policy for every kind without a policy of its own. */
export const defaultPolicyId = "default";

/** The ids that a policy can have: each kind, and the default. */
export const policyIds: ReadonlyArray<string> = [...ProposalKind.literals, defaultPolicyId];

/** The principal that puts changes of the rules to the vote. */
export const ruleVotesName = "rule-votes";

/** The kinds whose process ends with a veto. */
const endingWithVeto: ReadonlySet<string> = new Set(["deployment", "repair", "change", "knowledge"]);

/**
 * Returns whether a veto ends the process behind a proposal of this kind. Such a vote does not resume if the veto is
 * struck.
 */
export const endsWithVeto = (kind: string): boolean => endingWithVeto.has(kind);

/** The kinds that only one command can submit. That command has already fixed their electorate. */
const ofTheRules: ReadonlySet<string> = new Set(["policy", "unfreeze"]);

/**
 * Returns whether proposals of a kind change the rules. Only the backend submits these, on behalf of a dedicated
 * command.
 */
export const changesRules = (kind: string): boolean => ofTheRules.has(kind);
