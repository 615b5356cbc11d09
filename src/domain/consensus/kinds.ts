import { Schema } from "effect";

/**
 * The kinds of proposals that something in the system waits for. There may be proposals of any other kind: nothing but
 * their voters waits for these, and they are decided by the policy `default`.
 */
export const ProposalKind = Schema.Literals(["deployment", "repair", "change", "knowledge", "policy"]);
export type ProposalKind = typeof ProposalKind.Type;

/** The id of the policy for every kind that has none of its own. */
export const defaultPolicyId = "default";

/** What there can be a policy for: each kind, and all others together. */
export const policyIds: ReadonlyArray<string> = [...ProposalKind.literals, defaultPolicyId];

/** The principal that puts changes of policies to the vote. */
export const policyVotesName = "policy-votes";

/** The kinds whose proposals come about in one way only, each with the principal that submits them. */
const submitters: ReadonlyMap<string, string> = new Map([["policy", policyVotesName]]);

/** Whether proposals of a kind come about in one way only. Whoever submits these has fixed their electorate already. */
export const hasOwnSubmitter = (kind: string): boolean => submitters.has(kind);

/**
 * Whether a principal may not submit a proposal: its kind, or its id, belongs to a part of the backend. Nobody else can
 * take these ids beforehand.
 */
export const isReserved = (kind: string, id: string, principal: string): boolean =>
  [...submitters].some(([own, submitter]) => (kind === own || id.startsWith(`${own}-`)) && principal !== submitter);
