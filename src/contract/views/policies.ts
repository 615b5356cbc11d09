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

/** A policy that proposals can be decided by, as queries show it. */
export const PolicyAnswer = Schema.Struct({
  id: AggregateId,
  /** The number of the event that set it; 0 for one that is shipped. */
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
      description: "A policy, as it is in force or as it was, with its digest",
      input: Schema.Struct({
        id: AggregateId,
        /** The policy as this event of it set it; without it, the policy in force. */
        version: Schema.optionalKey(versionOrShipped),
      }),
      answer: PolicyAnswer,
    },
    list: {
      description: "Every policy in force: those that were set, and those that are shipped",
      input: Schema.Struct({
        filter: Schema.optionalKey(Filter),
        limit: Schema.optionalKey(Schema.Int),
      }),
      answer: Schema.Struct({ items: Schema.Array(PolicyAnswer) }),
    },
    "in-force": {
      description: "The policy that a kind of proposals is decided by, unless they name another",
      input: Schema.Struct({ kind: NonEmptyText(bounds.path) }),
      answer: PolicyAnswer,
    },
  },
} satisfies PublishedView;
