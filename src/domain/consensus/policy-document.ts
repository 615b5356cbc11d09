import { Effect, Schema, Struct } from "effect";
import { bounds, List, PositiveSeconds, Seconds, Text } from "../kernel/mod.ts";
import { ChangeWindow } from "./change-window.ts";
import { Electorate, RequestedElectorate } from "./electorate.ts";
import { Share, Threshold } from "./fraction.ts";
import { changesRules, defaultPolicyId, type ProposalKind } from "./kinds.ts";
import { Named } from "./named.ts";
import { Protocol } from "./protocols.ts";
import { givenRevisionRules, givenRules, Rules } from "./rules.ts";

/** The rules of a deployment policy for the time after an approval. */
const activationFields = {
  /** If the activation has not begun after this time, the approval is void. */
  approvalExpiresSeconds: Schema.optionalKey(PositiveSeconds),
  /** Activation begins only in these windows. Without windows it may begin at any time. */
  changeWindows: Schema.optionalKey(List(ChangeWindow, 100)),
  /** Who may deploy past a blocking finding, a window or a freeze. If it is absent, nobody may. */
  breakGlass: Schema.optionalKey(Named),
};

/** The fields of a policy that are not copied into its proposals. */
const policyFields = {
  /** The minimum of `votingSeconds` for every proposal. */
  minimumVotingSeconds: Schema.optionalKey(PositiveSeconds),
  /** If true, every proposal has exactly the policy's rules. */
  binding: Schema.optionalKey(Schema.Boolean),
  /** The voters if no electorate is named. `people` are the people with the role `voter`. */
  voters: Schema.optionalKey(Schema.Literal("people")),
  /** If true, the proposer has no vote, nor have the proposer's agents, nor the owner of a proposing agent. */
  fourEyes: Schema.optionalKey(Schema.Boolean),
  /** Who may lift a freeze of their own without a vote. If it is absent, nobody may. */
  liftsOwnFreeze: Schema.optionalKey(Named),
  ...activationFields,
};

/**
 * The rules for proposals. A proposal may make its own rules stricter, never weaker. `electorate` fixes the voters,
 * whatever a proposal names.
 */
export const PolicyDocument = Schema.Struct({
  description: Schema.optionalKey(Schema.String),
  ...Rules.fields,
  electorate: Schema.optionalKey(Electorate),
  ...policyFields,
});
export type PolicyDocument = typeof PolicyDocument.Type;

/** Returns the rules of a policy that its proposals copy. */
export const rulesOf = (document: PolicyDocument): Rules =>
  Struct.omit(document, ["description", "electorate", ...Struct.keys(policyFields)]);

/** A policy as people propose it. The shipped policy of the kind fills in absent fields. */
export const ProposedPolicy = Schema.Struct({
  description: Schema.optionalKey(Text(bounds.text)),
  protocol: Schema.optionalKey(Protocol),
  threshold: Schema.optionalKey(Threshold),
  quorum: Schema.optionalKey(Share),
  votingSeconds: Schema.optionalKey(PositiveSeconds),
  discussionSeconds: Schema.optionalKey(Seconds),
  ballotsMayChange: Schema.optionalKey(Schema.Boolean),
  ...givenRules,
  ...givenRevisionRules,
  electorate: Schema.optionalKey(RequestedElectorate),
  ...policyFields,
});
export type ProposedPolicy = typeof ProposedPolicy.Type;

/** A complete policy. Absent fields have simple defaults. */
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
  ...policyFields,
});
export type WrittenPolicy = typeof WrittenPolicy.Type;

const base = {
  protocol: "simple-majority",
  quorum: "1/2",
  votingSeconds: 60,
  discussionSeconds: 0,
  ballotsMayChange: true,
} as const;

type PolicyId = ProposalKind | typeof defaultPolicyId;

/** The policies that apply until others are set, by kind of proposal. Repairs and rollbacks must not wait long. */
export const shippedPolicies: Readonly<Record<PolicyId, PolicyDocument>> = {
  [defaultPolicyId]: { ...base, description: "Any proposal: more approvals than rejections, half of the voters." },
  deployment: {
    ...base,
    awaitConditions: true,
    maxRounds: 3,
    requiredReviews: ["security"],
    blockingVetoes: true,
    fourEyes: true,
    breakGlass: { roles: ["admin"] },
    description: "A deployment of a graph: only people who did not write it vote; a condition leads to another round.",
  },
  repair: { ...base, description: "A repair of a host that drifted." },
  change: { ...base, description: "A change of what runs on a host." },
  knowledge: { ...base, description: "Which of two facts holds." },
  policy: {
    ...base,
    protocol: "qualified-majority",
    threshold: "2/3",
    votingSeconds: 3 * 24 * 60 * 60,
    voters: "people",
    fourEyes: true,
    description: "A change of a policy: two thirds of the people with the role voter, without the proposer.",
  },
  unfreeze: {
    ...base,
    votingSeconds: 60 * 60,
    voters: "people",
    liftsOwnFreeze: { roles: ["admin"] },
    description:
      "The end of a freeze: more approvals than rejections of the people with the role voter. An admin may lift a freeze of their own.",
  },
};

/** The kinds for which a field of a policy has an effect. A field that is absent here has an effect for all kinds. */
const kindsOfField: Partial<Record<keyof PolicyDocument, ReadonlyArray<string>>> = {
  voters: ["policy", "unfreeze"],
  fourEyes: ["policy", "unfreeze", "deployment"],
  approvalExpiresSeconds: ["deployment"],
  changeWindows: ["deployment"],
  breakGlass: ["deployment"],
  liftsOwnFreeze: ["unfreeze"],
  maxRounds: ["deployment"],
  requiredReviews: ["deployment"],
  blockingVetoes: ["deployment"],
};

/** Returns a field of a policy that has no effect for its kind; undefined if every field has one. */
export const uselessField = (kind: string, fields: ReadonlyArray<string>): string | undefined => {
  const field = Struct.keys(kindsOfField).find(
    (one) => fields.includes(one) && kindsOfField[one]?.includes(kind) === false,
  );
  return field === undefined
    ? undefined
    : `${field} is for policies of the kind ${kindsOfField[field]?.join(" or ")}, and has no effect for \`${kind}\`: leave it out`;
};

/** A policy that can decide proposals. `version` is 0 for a shipped policy. */
export interface Policy {
  readonly id: string;
  readonly version: number;
  readonly document: PolicyDocument;
}

/** Returns the policy of an id if it was set and not retired. */
export type PoliciesSet = (id: string) => Policy | undefined;

const isPolicyId = (id: string): id is PolicyId => Object.hasOwn(shippedPolicies, id);

const shipped = (id: string): Policy | undefined =>
  isPolicyId(id) ? { id, version: 0, document: shippedPolicies[id] } : undefined;

/** Returns the shipped policy for a kind. */
export const shippedPolicyFor = (kind: string): PolicyDocument =>
  (shipped(kind) ?? { document: shippedPolicies[defaultPolicyId] }).document;

/** Returns the policy of an id: the set one if there is one, otherwise the shipped one. */
export const policyOf = (id: string, set: PoliciesSet): Policy | undefined => set(id) ?? shipped(id);

/**
 * Returns the policy in force for a kind. A policy that was set, for the kind or as default, replaces the shipped one.
 * A default does not replace the shipped policies for changes of the rules. Otherwise a new default would weaken them
 * unnoticed.
 */
export const policyFor = (kind: string, set: PoliciesSet): Policy => {
  const ofDefault = { id: defaultPolicyId, version: 0, document: shippedPolicies[defaultPolicyId] };
  const forAll = changesRules(kind) ? undefined : set(defaultPolicyId);
  return set(kind) ?? forAll ?? shipped(kind) ?? ofDefault;
};
