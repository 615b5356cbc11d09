import { Result, Schema, Struct } from "effect";
import {
  AggregateId,
  accept,
  bounds,
  type CommandOf,
  canonicalJson,
  command,
  type DecisionContext,
  type DecisionOf,
  defineDecider,
  defined,
  event,
  internalCommand,
  ownId,
  type PayloadOf,
  Principal,
  type Rejection,
  refuse,
  Text,
} from "../kernel/mod.ts";
import { type KnownPolicy, PolicyReference } from "./contract.ts";
import { canDecide, Electorate, membersOf } from "./electorate.ts";
import { electorateFor, type KnownVoters } from "./four-eyes.ts";
import { defaultPolicyId, policyIds } from "./kinds.ts";
import {
  PolicyDocument,
  ProposedPolicy,
  rulesOf,
  shippedPolicyFor,
  uselessField,
  WrittenPolicy,
} from "./policy-document.ts";
import { type Rules, rulesFrom, underProtocol, type WrittenRules } from "./rules.ts";

const reason = Schema.optionalKey(Text(bounds.text));

export const policyCommands = {
  propose: command(
    Schema.Struct({ ...ProposedPolicy.fields, reason }),
    "Puts a policy to the vote. Its id is the kind of proposals. The shipped policy fills in absent fields.",
    { by: ["participant", "voter"], creates: true },
  ),
  "propose-retirement": command(
    Schema.Struct({ reason }),
    "Puts the retirement of the policy to the vote. After it, the shipped policy is in force again.",
    { by: ["participant", "voter"] },
  ),
  set: internalCommand(
    WrittenPolicy,
    "Sets the policy. Earlier proposals keep the policy that they were submitted under.",
    {
      creates: true,
    },
  ),
  retire: internalCommand(Schema.Struct({ reason }), "Retires the policy. It can be set again."),
};

export const policyEvents = {
  "policy-proposed": event(
    Schema.Struct({
      proposal: AggregateId,
      /** Absent for the retirement of the policy. */
      document: Schema.optionalKey(PolicyDocument),
      /** The policy in force when this was proposed. If another one is in force later, nothing is set. */
      replaces: PolicyReference,
      electorate: Electorate,
      by: Principal,
      reason: Schema.optionalKey(Schema.String),
    }),
    "A policy, or its retirement, was put to the vote.",
  ),
  "policy-set": event(PolicyDocument, "The policy was set for future proposals."),
  "policy-retired": event(Schema.Struct({ reason: Schema.optionalKey(Schema.String) }), "The policy was retired."),
};

/** A policy's document, the number of the event that set it, and whether it is in force. */
export const PolicyState = Schema.Struct({
  document: Schema.optionalKey(PolicyDocument),
  version: Schema.Int,
  retired: Schema.Boolean,
  /** The number of times that it was put to the vote. */
  proposals: Schema.Int,
});
export type PolicyState = typeof PolicyState.Type;

/** Looked up if a policy is proposed. */
export interface KnownToPolicies extends KnownVoters {
  /** The policy in force for the kind. */
  readonly inForce: KnownPolicy;
}

type Context = DecisionContext<KnownToPolicies | undefined>;
type Decision = DecisionOf<typeof policyEvents>;

const complete = (
  { description, electorate: requested, ...written }: Omit<WrittenPolicy, "quorum"> & WrittenRules,
  aggregateId: string,
): Result.Result<PolicyDocument, Rejection> => {
  const useless = uselessField(aggregateId, Struct.keys(written));
  if (useless !== undefined) return refuse("rules-do-not-fit", `policy \`${aggregateId}\`: ${useless}`);
  const electorate = requested === undefined ? undefined : membersOf(requested);
  if (electorate !== undefined && !canDecide(electorate))
    return refuse("empty-electorate", `policy \`${aggregateId}\`: nobody in its electorate has a vote that counts`);
  return Result.map(rulesFrom(written, `policy \`${aggregateId}\``), (rules) => ({
    ...rules,
    ...defined({ description, electorate }),
  }));
};

const isInForce = ({ document, retired }: PolicyState): boolean => document !== undefined && !retired;

const set = (written: WrittenPolicy, state: PolicyState, aggregateId: string): Decision =>
  Result.map(complete(written, aggregateId), (document) => {
    const isSame = isInForce(state) && canonicalJson(state.document ?? null) === canonicalJson(document);
    return isSame ? [] : [{ type: "policy-set", data: document }];
  });

const nobodyVotes = (id: string, principal: string, { ruling }: KnownToPolicies) =>
  refuse(
    "nobody-may-vote",
    `policy \`${id}\`: by policy \`${ruling.id}\` it is decided by ${
      ruling.document.electorate === undefined ? "the people with the role `voter`" : "the electorate that it names"
    }${ruling.document.fourEyes === true ? `, without \`${principal}\`, who proposes it` : ""}, and there is nobody: ` +
      "admit a person and give them the role, with `cim agents admit NAME voter --kind person` or `cim agents grant NAME voter`",
    { policy: ruling.id },
  );

const putToTheVote = (
  proposed: { readonly document?: PolicyDocument; readonly reason?: string },
  state: PolicyState,
  { aggregateId, principal, known }: Context,
): Decision => {
  if (known === undefined) return refuse("not-known", `policy \`${aggregateId}\`: nothing was looked up`);
  const electorate = electorateFor(known, principal);
  if (!canDecide(electorate)) return nobodyVotes(aggregateId, principal, known);
  const { id, version, digest } = known.inForce;
  return accept({
    type: "policy-proposed",
    data: {
      proposal: ownId("policy", `${aggregateId}-${state.proposals + 1}`),
      ...proposed,
      replaces: { id, version, digest },
      electorate,
      by: principal,
    },
  });
};

/** Returns the full document of a proposal: its own fields, and the shipped policy's for all others. */
const documentFrom = (written: ProposedPolicy, aggregateId: string): Result.Result<PolicyDocument, Rejection> => {
  const shipped = shippedPolicyFor(aggregateId);
  const { electorate: _, ...own } = shipped;
  const rules: Rules = underProtocol(rulesOf(shipped), written.protocol ?? shipped.protocol, written.countedAs);
  return complete({ ...own, ...rules, ...written }, aggregateId);
};

const propose = (
  { reason, ...written }: PayloadOf<typeof policyCommands, "propose">,
  state: PolicyState,
  context: Context,
): Decision => {
  const { aggregateId } = context;
  if (!policyIds.includes(aggregateId))
    return refuse(
      "unknown-kind",
      `there are no proposals of the kind \`${aggregateId}\`: propose a policy for one of ${policyIds.join(", ")}; \`${defaultPolicyId}\` is for all that have none of their own`,
      { kinds: [...policyIds] },
    );
  return Result.flatMap(documentFrom(written, aggregateId), (document) =>
    isInForce(state) && canonicalJson(state.document ?? null) === canonicalJson(document)
      ? refuse("already-in-force", `policy \`${aggregateId}\` says this already`)
      : putToTheVote({ document, ...defined({ reason }) }, state, context),
  );
};

const notSet = (id: string) => refuse("not-found", `policy \`${id}\` was not set; what is shipped cannot be retired`);

const decide = (command: CommandOf<typeof policyCommands>, state: PolicyState, context: Context): Decision => {
  const { aggregateId } = context;
  switch (command.type) {
    case "propose":
      return propose(command.payload, state, context);
    case "propose-retirement":
      return isInForce(state) ? putToTheVote(command.payload, state, context) : notSet(aggregateId);
    case "set":
      return set(command.payload, state, aggregateId);
    case "retire":
      if (state.document === undefined) return notSet(aggregateId);
      return state.retired ? accept() : accept({ type: "policy-retired", data: command.payload });
  }
};

/** The rules that decide a kind of proposals. */
export const policy = defineDecider<KnownToPolicies | undefined>()({
  name: "policy",
  description: "The rules that decide a kind of proposals.",
  id: AggregateId,
  commands: policyCommands,
  events: policyEvents,
  relations: {},
  state: PolicyState,
  stateVersion: 2,
  initial: { version: 0, retired: false, proposals: 0 },
  decide,
  evolve: (state, event, { version }): PolicyState => {
    switch (event.type) {
      case "policy-proposed":
        return { ...state, proposals: state.proposals + 1 };
      case "policy-set":
        return { ...state, document: event.data, version, retired: false };
      case "policy-retired":
        return { ...state, retired: true };
    }
  },
});
