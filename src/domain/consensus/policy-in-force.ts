import type { PolicyDocument } from "./policy-document.ts";
import { defaultPolicyId, shippedPolicies } from "./shipped-policies.ts";

/** A policy that proposals can be decided by; `version` is 0 for one that is shipped. */
export interface Policy {
  readonly id: string;
  readonly version: number;
  readonly document: PolicyDocument;
}

/** The policies that were set and not retired, by id. */
export type PoliciesSet = (id: string) => Policy | undefined;

const shipped = (id: string): Policy | undefined => {
  const document = Object.hasOwn(shippedPolicies, id) ? shippedPolicies[id] : undefined;
  return document === undefined ? undefined : { id, version: 0, document };
};

/** The policy of this id: what was set, else what is shipped. */
export const policyOf = (id: string, set: PoliciesSet): Policy | undefined => set(id) ?? shipped(id);

/** The policy in force for a kind of proposals: what an operator set for it or for all comes before what is shipped. */
export const policyFor = (kind: string, set: PoliciesSet): Policy => {
  const found = set(kind) ?? set(defaultPolicyId) ?? shipped(kind) ?? shipped(defaultPolicyId);
  if (found === undefined) throw new Error("the default policy is not shipped");
  return found;
};
