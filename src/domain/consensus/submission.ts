import { Result, Struct } from "effect";
import { accept, addSeconds, canonicalJson, defined, type PayloadOf, type Rejection, refuse } from "../kernel/mod.ts";
import type { KnownPolicy, ProposalContext, ProposalDecision, ProposalEvent, proposalCommands } from "./contract.ts";
import { canDecide, type Electorate, equalMembers, keysOf, membersOf } from "./electorate.ts";
import { defaultPolicyId, type PolicyDocument, shippedPolicies } from "./policy-document.ts";
import { remaining } from "./rounds.ts";
import { type Rules, revisionRules, rulesFrom, underProtocol } from "./rules.ts";
import type { PendingProposal } from "./state.ts";

const refuseEmptyElectorate = (id: string) =>
  refuse("empty-electorate", `proposal \`${id}\`: nobody may vote; name an electorate or register agents that can`);

/** Fixes the key of each member for this vote: a key that is registered later does not count. */
const withKeys = (electorate: Electorate, keys: ReadonlyMap<string, string> | undefined): Electorate =>
  electorate.map(({ id, weight }) => defined({ id, weight, publicKey: keys?.get(id) }));

/**
 * Opens voting. Electorate and weights are fixed in its event: later leaving, joining or weight changes do nothing.
 * The electorate is the one that was asked for, or everyone who can vote now.
 */
export const openVoting = (
  { requestedElectorate, rules }: Pick<PendingProposal, "requestedElectorate" | "rules">,
  { aggregateId, time, known }: ProposalContext,
): ProposalDecision => {
  const electorate = withKeys(requestedElectorate ?? equalMembers(known.defaultElectorate), known.publicKeys);
  if (!canDecide(electorate)) return refuseEmptyElectorate(aggregateId);
  const { protocol, quorum, votingSeconds } = rules;
  return accept({
    type: "voting-opened",
    data: { electorate, protocol, quorum, deadline: addSeconds(time, votingSeconds) },
  });
};

const rulesIn = (document: PolicyDocument): Rules => Struct.omit(document, ["description", "electorate", "binding"]);

/** Returns the policy to decide by. If the one in force is binding, a proposal cannot name another. */
const chosenPolicy = (
  { policy: named }: PayloadOf<typeof proposalCommands, "submit">,
  { aggregateId, known: { policy: inForce, namedPolicy } }: ProposalContext,
): Result.Result<KnownPolicy | undefined, Rejection> => {
  if (named === undefined || named === inForce?.id) return Result.succeed(inForce);
  if (namedPolicy === undefined)
    return refuse("policy-not-found", `proposal \`${aggregateId}\`: there is no policy \`${named}\`; set it first`);
  return inForce?.document.binding === true
    ? refuse("policy-binding", `proposal \`${aggregateId}\`: policy \`${inForce.id}\` is binding; leave \`policy\` out`)
    : Result.succeed(namedPolicy);
};

/** The rules that a binding policy fixes. A proposal may always wait for everyone who could add a condition. */
const fixed = (rules: Rules): Omit<Rules, "awaitConditions"> => Struct.omit(rules, ["awaitConditions"]);

type Submission = PayloadOf<typeof proposalCommands, "submit">;
type OwnRules = Omit<Submission, "kind" | "title" | "subject" | "electorate" | "policy">;

/** Returns the rules of a proposal: its own, and its policy's for everything that it leaves out. */
const rulesFor = (
  own: OwnRules,
  policy: KnownPolicy | undefined,
  aggregateId: string,
): Result.Result<Rules, Rejection> => {
  const document = policy?.document ?? shippedPolicies[defaultPolicyId];
  if (document === undefined) throw new Error("the default policy is not shipped");
  const rules = rulesIn(document);
  const under = underProtocol(rules, own.protocol ?? rules.protocol, own.countedAs);
  return Result.flatMap(rulesFrom({ ...under, ...own }, `proposal \`${aggregateId}\``), (complete) =>
    document.binding === true && canonicalJson(fixed(complete)) !== canonicalJson(fixed(rules))
      ? refuse(
          "policy-binding",
          `proposal \`${aggregateId}\`: policy \`${policy?.id}\` is binding; leave out what differs from it`,
        )
      : Result.succeed(complete),
  );
};

/** Submits a proposal. If it has no discussion, voting opens at once, in the same commit. */
export const submit = (
  submission: PayloadOf<typeof proposalCommands, "submit">,
  context: ProposalContext,
): ProposalDecision =>
  Result.gen(function* () {
    const { aggregateId, principal: proposer } = context;
    const policy = yield* chosenPolicy(submission, context);
    const { kind, title, subject, electorate: requested, policy: _, ...own } = submission;
    // It is about no revision of a graph: nobody reviews it, and no round could follow.
    const rules = Struct.omit(yield* rulesFor(own, policy, aggregateId), Struct.keys(revisionRules));
    const electorate = policy?.document.electorate ?? (requested === undefined ? undefined : membersOf(requested));
    if (electorate !== undefined && !canDecide(electorate)) return yield* refuseEmptyElectorate(aggregateId);
    const submitted: ProposalEvent = {
      type: "proposal-submitted",
      data: {
        kind,
        title,
        subject,
        ...rules,
        proposer,
        ...defined({
          electorate,
          policy: policy && Struct.pick(policy, ["id", "version", "digest"]),
          vetoKeys: rules.vetoHolders && keysOf(rules.vetoHolders, context.known.publicKeys),
        }),
      },
    };
    if (rules.discussionSeconds > 0) return [submitted];
    return [submitted, ...(yield* openVoting({ rules, ...defined({ requestedElectorate: electorate }) }, context))];
  });

/**
 * Puts a revision of a graph to the vote. Conditions belong to its result, because what runs must not depend on who
 * votes first. Those who wrote it have no vote if its policy wants four eyes.
 */
export const putToVote = (
  { kind, title, subject, electorate: asked, excluded, reviews, ...wishes }: PayloadOf<
    typeof proposalCommands,
    "put-to-vote"
  >,
  context: ProposalContext,
): ProposalDecision =>
  Result.gen(function* () {
    const { aggregateId, principal: proposer, known } = context;
    const { policy } = known;
    const rules = yield* rulesFor({ ...wishes, awaitConditions: true }, policy, aggregateId);
    const members = policy?.document.electorate ?? membersOf(asked);
    const gone = rules.fourEyes === false ? [] : excluded.filter(({ id }) => members.some((one) => one.id === id));
    const electorate = remaining(members, gone);
    if (!canDecide(electorate))
      return yield* gone.length === 0
        ? refuseEmptyElectorate(aggregateId)
        : refuse(
            "empty-electorate",
            `proposal \`${aggregateId}\`: nobody is left who may vote: ${gone.map(({ reason }) => reason).join("; ")}`,
          );
    const submitted: ProposalEvent = {
      type: "proposal-submitted",
      data: {
        kind,
        title,
        subject,
        ...rules,
        proposer,
        electorate,
        ...defined({
          policy: policy && Struct.pick(policy, ["id", "version", "digest"]),
          vetoKeys: rules.vetoHolders && keysOf(rules.vetoHolders, known.publicKeys),
        }),
        excluded: gone,
        reviews,
      },
    };
    if (rules.discussionSeconds > 0) return [submitted];
    return [submitted, ...(yield* openVoting({ rules, requestedElectorate: electorate }, context))];
  });
