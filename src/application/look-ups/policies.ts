import { Effect, Option, Schema } from "effect";
import { PolicyDocument } from "../../domain/consensus/policy-document.ts";
import { type PoliciesSet, type Policy, policyFor, policyOf } from "../../domain/consensus/policy-in-force.ts";
import { canonicalJson } from "../../domain/kernel/mod.ts";
import { Digests } from "../ports/mod.ts";
import { ReadModels } from "../read-models.ts";

const Entry = Schema.Struct({ policy: PolicyDocument, policyVersion: Schema.Int, retired: Schema.Boolean });
const decode = Schema.decodeUnknownOption(Entry);

/** The policies that are set, from the documents of the view. */
export const policiesIn =
  (documents: ReadonlyMap<string, Schema.Json>): PoliciesSet =>
  (id) => {
    const entry = Option.getOrUndefined(decode(documents.get(id)));
    if (entry === undefined || entry.retired) return undefined;
    return { id, version: entry.policyVersion, document: entry.policy };
  };

/** A policy with its digest: the SHA-256 of its document's canonical JSON. */
export const withDigest = (policy: Policy) =>
  Effect.map(Digests, ({ sha256 }) => ({ ...policy, digest: sha256(canonicalJson(policy.document)) }));

/** Of a caller who has just waited for another view to be up to date: the policy in force for a kind of proposals, and the one that is named, where there is one of that id. */
export const policiesFor = Effect.fnUntraced(function* (kind: string, named: string | undefined) {
  const set = policiesIn((yield* (yield* ReadModels).documents("policies")).documents);
  const other = named === undefined ? undefined : policyOf(named, set);
  return {
    policy: yield* withDigest(policyFor(kind, set)),
    ...(other === undefined ? {} : { namedPolicy: yield* withDigest(other) }),
  };
});
