import { Effect, Schema, Struct } from "effect";
import { bounds, List, PositiveSeconds, Seconds, Text } from "../kernel/mod.ts";
import { ChangeWindow } from "./change-window.ts";
import { Electorate, RequestedElectorate } from "./electorate.ts";
import { Share, Threshold } from "./fraction.ts";
import { changesRules, defaultPolicyId, type ProposalKind } from "./kinds.ts";
import { Named } from "./named.ts";
import { Protocol } from "./protocols.ts";
import { givenRevisionRules, givenRules, Rules } from "./rules.ts";

/** What a policy for deployments says about the time after an approval. */
const activationFields = {
  /** An approval that did not lead to the begin of an activation by then is void. */
  approvalExpiresSeconds: Schema.optionalKey(PositiveSeconds),
  /** Activation begins only then. Without windows it may begin at any time. */
  changeWindows: Schema.optionalKey(List(ChangeWindow, 100)),
  /** Who may deploy past a blocking finding, a window or a freeze. Without it nobody may. */
  breakGlass: Schema.optionalKey(Named),
};

/** What a policy says besides the rules that each of its proposals keeps a copy of. */
const policyFields = {
  /** No proposal may have fewer `votingSeconds`. */
  minimumVotingSeconds: Schema.optionalKey(PositiveSeconds),
  /** Every proposal has the policy's rules, and no other ones. */
  binding: Schema.optionalKey(Schema.Boolean),
  /** Who votes if no electorate is named: `people` are the people with the role `voter`. */
  voters: Schema.optionalKey(Schema.Literal("people")),
  /** Who wants something does not vote on it, nor do their agents, nor the owner of the agent that wants it. */
  fourEyes: Schema.optionalKey(Schema.Boolean),
  /** Who may lift a freeze without a vote, if nobody else has set it. Without it nobody may. */
  liftsOwnFreeze: Schema.optionalKey(Named),
  ...activationFields,
};

/**
 * The rules for proposals. A proposal may have stricter rules of its own, and never weaker ones. `electorate` names the
 * voters, whatever a proposal names.
 */
export const PolicyDocument = Schema.Struct({
  description: Schema.optionalKey(Schema.String),
  ...Rules.fields,
  electorate: Schema.optionalKey(Electorate),
  ...policyFields,
});
export type PolicyDocument = typeof PolicyDocument.Type;

/** Returns the rules of a policy that proposals have. */
export const rulesOf = (document: PolicyDocument): Rules =>
  Struct.omit(document, ["description", "electorate", ...Struct.keys(policyFields)]);

/** A policy as people propose it: what it does not say, the shipped policy for that kind says. */
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

/** A whole policy: what it does not say has a plain default. */
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

/** The policies until others are set, by kind of proposal. Repairs and rollbacks must not wait long. */
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
    description: "A deployment of a graph: those who did not write it decide; a condition leads to another round.",
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
    description: "A change of a policy: two thirds of the people with the role voter, without who proposes it.",
  },
  unfreeze: {
    ...base,
    votingSeconds: 60 * 60,
    voters: "people",
    liftsOwnFreeze: { roles: ["admin"] },
    description:
      "The end of a freeze: more approvals than rejections of the people with the role voter. An admin lifts their own.",
  },
};

/** The kinds for which a field of a policy means something; a field that is not here means the same for all. */
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

/** Returns which of the fields that a policy has means nothing for its kind; undefined if all of them do. */
export const uselessField = (kind: string, fields: ReadonlyArray<string>): string | undefined => {
  const field = Struct.keys(kindsOfField).find(
    (one) => fields.includes(one) && kindsOfField[one]?.includes(kind) === false,
  );
  return field === undefined
    ? undefined
    : `${field} is for policies of the kind ${kindsOfField[field]?.join(" or ")}, and does nothing for \`${kind}\`: leave it out`;
};

/** A policy that proposals can be decided by; `version` is 0 for a shipped one. */
export interface Policy {
  readonly id: string;
  readonly version: number;
  readonly document: PolicyDocument;
}

/** The policies that were set and not retired, by id. */
export type PoliciesSet = (id: string) => Policy | undefined;

const isPolicyId = (id: string): id is PolicyId => Object.hasOwn(shippedPolicies, id);

const shipped = (id: string): Policy | undefined =>
  isPolicyId(id) ? { id, version: 0, document: shippedPolicies[id] } : undefined;

/** Returns what is shipped for a kind. */
export const shippedPolicyFor = (kind: string): PolicyDocument =>
  (shipped(kind) ?? { document: shippedPolicies[defaultPolicyId] }).document;

/** Returns the policy of this id: the one that was set, or else the shipped one. */
export const policyOf = (id: string, set: PoliciesSet): Policy | undefined => set(id) ?? shipped(id);

/**
 * Returns the policy in force for a kind. What was set, for the kind or for all, comes before shipped ones. Only the
 * shipped policies for changes of the rules are not replaced by one for all kinds: they would be weakened unseen.
 */
export const policyFor = (kind: string, set: PoliciesSet): Policy => {
  const ofDefault = { id: defaultPolicyId, version: 0, document: shippedPolicies[defaultPolicyId] };
  const forAll = changesRules(kind) ? undefined : set(defaultPolicyId);
  return set(kind) ?? forAll ?? shipped(kind) ?? ofDefault;
};
