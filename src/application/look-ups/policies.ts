import { Effect } from "effect";
import type { PolicyEntry } from "../../contract/views/policies.ts";
import type { KnownToPolicies, policy } from "../../domain/consensus/policy.ts";
import { type PoliciesSet, type Policy, policyFor, policyOf } from "../../domain/consensus/policy-document.ts";
import { type CommandOf, canonicalJson, defined } from "../../domain/kernel/mod.ts";
import type { Documents } from "../live-view.ts";
import { Digests } from "../ports/mod.ts";
import { ReadModels } from "../read-models.ts";
import { votingPeople } from "./agents.ts";

/** Returns the policies in force that were set, from the documents of the view. */
export const policiesIn =
  (documents: Documents<PolicyEntry>): PoliciesSet =>
  (id) => {
    const entry = documents.get(id);
    if (entry === undefined || entry.retired) return undefined;
    return { id, version: entry.policyVersion, document: entry.policy };
  };

/** Returns a policy with its digest: the SHA-256 of its document's canonical JSON. */
export const withDigest = (policy: Policy) =>
  Effect.map(Digests, ({ sha256 }) => ({ ...policy, digest: sha256(canonicalJson(policy.document)) }));

/**
 * Returns the policy in force for a kind of proposals, and the policy with the given id if it exists. The caller must
 * have just waited for another view to be up to date.
 */
export const policiesFor = Effect.fnUntraced(function* (kind: string, named: string | undefined) {
  const set = policiesIn((yield* (yield* ReadModels).documents("policies")).documents);
  const other = named === undefined ? undefined : policyOf(named, set);
  return defined({
    policy: yield* withDigest(policyFor(kind, set)),
    namedPolicy: other === undefined ? undefined : yield* withDigest(other),
  });
});

const knownToPropose = Effect.fnUntraced(function* (kind: string) {
  const voting = yield* votingPeople;
  yield* (yield* ReadModels).upToDate("policies");
  const { policy: inForce } = yield* policiesFor(kind, undefined);
  const { policy: ruling } = yield* policiesFor("policy", undefined);
  const known: KnownToPolicies = { inForce, ruling, ...voting };
  return known;
});

/** Returns the knowledge for proposing a policy: the policies in force, and the eligible voters. */
export const lookUpForPolicy = ({ type }: CommandOf<typeof policy.commands>, id: string) =>
  type === "propose" || type === "propose-retirement" ? knownToPropose(id) : undefined;
