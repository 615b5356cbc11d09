import { Effect, Schema } from "effect";
import { bounds, PositiveSeconds, Seconds, Text } from "../kernel/mod.ts";
import { Electorate, RequestedElectorate } from "./electorate.ts";
import { Share, Threshold } from "./fraction.ts";
import { Protocol } from "./protocols.ts";
import { givenRevisionRules, givenRules, Rules } from "./rules.ts";

/**
 * The rules for proposals that do not bring their own.
 *
 * `electorate` names the voters, whatever a proposal names. A `binding` policy is law: a proposal with other rules, or
 * with another policy, is refused.
 */
export const PolicyDocument = Schema.Struct({
  description: Schema.optionalKey(Schema.String),
  ...Rules.fields,
  electorate: Schema.optionalKey(Electorate),
  binding: Schema.optionalKey(Schema.Boolean),
});
export type PolicyDocument = typeof PolicyDocument.Type;

/** A policy as people write it. */
export const WrittenPolicy = Schema.Struct({
  description: Schema.optionalKey(Text(bounds.text)),
  protocol: Protocol.pipe(Schema.withDecodingDefaultKey(Effect.succeed("simple-majority" as const))),
  threshold: Schema.optionalKey(Threshold),
  quorum: Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed("1/2"))),
  votingSeconds: PositiveSeconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(60))),
  discussionSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  ballotsMayChange: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  ...givenRules,
  ...givenRevisionRules,
  electorate: Schema.optionalKey(RequestedElectorate),
  binding: Schema.optionalKey(Schema.Boolean),
});
export type WrittenPolicy = typeof WrittenPolicy.Type;

const base = {
  protocol: "simple-majority",
  quorum: "1/2",
  votingSeconds: 60,
  discussionSeconds: 0,
  ballotsMayChange: true,
} as const;

/** The id of the policy for every kind that has none of its own. */
export const defaultPolicyId = "default";

/** The policies until an operator sets others, by kind of proposal. Tasks and rollbacks must not wait long. */
export const shippedPolicies: Readonly<Record<string, PolicyDocument>> = {
  [defaultPolicyId]: { ...base, description: "Any proposal: more approvals than rejections, half of the voters." },
  deployment: {
    ...base,
    awaitConditions: true,
    maxRounds: 3,
    requiredReviews: ["security"],
    blockingVetoes: true,
    fourEyes: true,
    description: "A deployment of a graph: those who did not write it decide; a condition leads to another round.",
  },
  repair: { ...base, description: "A repair of a host that drifted." },
  change: { ...base, description: "A change of what runs on a host." },
  infrastructure: {
    ...base,
    protocol: "qualified-majority",
    threshold: "2/3",
    description: "A change of infrastructure: two thirds of the votes.",
  },
  "task-assignment": { ...base, votingSeconds: 30, description: "Who gets a task." },
  "knowledge-validation": { ...base, quorum: "1/3", description: "Whether a fact holds." },
  "conflict-resolution": {
    ...base,
    protocol: "qualified-majority",
    threshold: "2/3",
    description: "Which of two statements holds: two thirds of the votes.",
  },
  rollback: { ...base, quorum: "1/3", votingSeconds: 30, description: "Going back to what was before." },
};

/** A policy that proposals can be decided by; `version` is 0 for a shipped one. */
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

/** Returns the policy of this id: the one that was set, or else the shipped one. */
export const policyOf = (id: string, set: PoliciesSet): Policy | undefined => set(id) ?? shipped(id);

/** Returns the policy in force for a kind. What an operator set, for the kind or for all, comes before shipped ones. */
export const policyFor = (kind: string, set: PoliciesSet): Policy => {
  const found = set(kind) ?? set(defaultPolicyId) ?? shipped(kind) ?? shipped(defaultPolicyId);
  if (found === undefined) throw new Error("the default policy is not shipped");
  return found;
};
