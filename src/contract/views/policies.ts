import { Schema } from "effect";
import { PolicyDocument } from "../../domain/consensus/policy-document.ts";
import { AggregateId, bounds, Instant, NonEmptyText, Principal } from "../../domain/kernel/mod.ts";
import { documentFields, Filter, type PublishedView } from "./view.ts";

export const PolicyEntry = Schema.Struct({
  ...documentFields,
  policy: PolicyDocument,
  /** The number of the event that set it. */
  policyVersion: Schema.Int,
  retired: Schema.Boolean,
  setBy: Principal,
  setAt: Instant,
}).annotate({ identifier: "PolicyEntry" });
export type PolicyEntry = typeof PolicyEntry.Type;

const versionOrShipped = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

/** A policy that can decide proposals, in the form of query answers. */
export const PolicyAnswer = Schema.Struct({
  id: AggregateId,
  /** The number of the event that set it; 0 for a shipped policy. */
  version: versionOrShipped,
  /** SHA-256 of its document's canonical JSON. */
  digest: Schema.String,
  ...PolicyDocument.fields,
  shipped: Schema.Boolean,
}).annotate({ identifier: "PolicyAnswer" });
export type PolicyAnswer = typeof PolicyAnswer.Type;

export const policies = {
  description: "The policies that operators have set.",
  document: PolicyEntry,
  operations: {
    get: {
      description: "A policy, now or at a version, with its digest",
      input: Schema.Struct({
        id: AggregateId,
        /** The policy as its event with this number set it; without it, the policy in force. */
        version: Schema.optionalKey(versionOrShipped),
      }),
      answer: PolicyAnswer,
    },
    list: {
      description: "Every policy in force, whether set or shipped",
      input: Schema.Struct({
        filter: Schema.optionalKey(Filter),
        limit: Schema.optionalKey(Schema.Int),
      }),
      answer: Schema.Struct({ items: Schema.Array(PolicyAnswer) }),
    },
    "in-force": {
      description: "The policy that decides proposals of a kind, unless they name another",
      input: Schema.Struct({ kind: NonEmptyText(bounds.path) }),
      answer: PolicyAnswer,
    },
  },
} satisfies PublishedView;
