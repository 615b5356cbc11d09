import { Result, Struct } from "effect";
import { accept, addSeconds, defined, isOwnPrincipal, type PayloadOf, type Rejection, refuse } from "../kernel/mod.ts";
import type { KnownPolicy, ProposalContext, ProposalDecision, ProposalEvent, proposalCommands } from "./contract.ts";
import { canDecide, type Electorate, equalMembers, keysOf, membersOf } from "./electorate.ts";
import { changesRules, defaultPolicyId } from "./kinds.ts";
import { rulesOf, shippedPolicies } from "./policy-document.ts";
import { type Excluded, remaining } from "./rounds.ts";
import { revisionRules } from "./rules.ts";
import type { PendingProposal } from "./state.ts";
import { afterDiscussion, notWeaker, rulesUnder } from "./strictness.ts";

type Submission = PayloadOf<typeof proposalCommands, "submit">;

/**
 * Returns the members of an electorate without the role. They could never vote, so counting them would only make the
 * quorum harder to reach.
 */
const withoutRole = (electorate: Electorate, voters: ReadonlySet<string> | undefined): ReadonlyArray<Excluded> =>
  voters === undefined
    ? []
    : electorate
        .filter(({ id }) => !voters.has(id))
        .map(({ id }) => ({ id, reason: `\`${id}\` does not have the role \`voter\`` }));

const refuseEmptyElectorate = (id: string, excluded: ReadonlyArray<Excluded> = []) => {
  const [first] = excluded;
  return first === undefined
    ? refuse("empty-electorate", `proposal \`${id}\`: nobody may vote; name an electorate or register agents that can`)
    : refuse(
        "empty-electorate",
        `proposal \`${id}\`: nobody is left who may vote: ${excluded.map(({ reason }) => reason).join("; ")}; an admin can give it: \`cim agents grant ${first.id} voter\``,
        { excluded: excluded.map((one) => one.id) },
      );
};

/** Refuses an electorate in which no member has both a weight and the role. */
const checkDecides = (
  electorate: Electorate,
  { aggregateId, known: { voters } }: ProposalContext,
): Result.Result<void, Rejection> => {
  const excluded = withoutRole(electorate, voters);
  return canDecide(remaining(electorate, excluded))
    ? Result.succeed(undefined)
    : refuseEmptyElectorate(aggregateId, excluded);
};

/** Fixes the key of each member for this vote. A key that is registered later does not count. */
const withKeys = (electorate: Electorate, keys: ReadonlyMap<string, string> | undefined): Electorate =>
  electorate.map(({ id, weight }) => defined({ id, weight, publicKey: keys?.get(id) }));

/**
 * Opens voting. Its event fixes the electorate and the weights, so later joins, leaves and changes of weight have no
 * effect. The electorate is the requested one, or everyone who can vote now.
 */
export const openVoting = (
  { requestedElectorate, rules }: Pick<PendingProposal, "requestedElectorate" | "rules">,
  { aggregateId, time, known }: ProposalContext,
): ProposalDecision => {
  const asked = requestedElectorate ?? equalMembers(known.defaultElectorate);
  const excluded = withoutRole(asked, known.voters);
  const electorate = withKeys(remaining(asked, excluded), known.publicKeys);
  if (!canDecide(electorate)) return refuseEmptyElectorate(aggregateId, excluded);
  const { protocol, quorum, votingSeconds } = rules;
  return accept({
    type: "voting-opened",
    data: {
      electorate,
      protocol,
      quorum,
      deadline: addSeconds(time, votingSeconds),
      ...defined({ excluded: excluded.length === 0 ? undefined : excluded }),
    },
  });
};

/** The shipped default, for a context without looked-up policies. */
const shippedDefault: KnownPolicy = {
  id: defaultPolicyId,
  version: 0,
  digest: "",
  document: shippedPolicies[defaultPolicyId],
};

/** Returns the policy that decides. A proposal may name another policy than the one in force, unless it is weaker. */
const chosenPolicy = (
  { policy: named }: Submission,
  { aggregateId, known: { policy: inForce, namedPolicy } }: ProposalContext,
): Result.Result<KnownPolicy | undefined, Rejection> => {
  if (named === undefined || named === inForce?.id) return Result.succeed(inForce);
  const proposal = `proposal \`${aggregateId}\``;
  if (namedPolicy === undefined)
    return refuse("policy-not-found", `${proposal}: there is no policy \`${named}\`; leave \`policy\` out`);
  if (inForce === undefined) return Result.succeed(namedPolicy);
  return inForce.document.binding === true
    ? refuse("policy-binding", `${proposal}: policy \`${inForce.id}\` is binding; leave \`policy\` out`)
    : Result.map(notWeaker(rulesOf(namedPolicy.document), inForce, proposal), () => namedPolicy);
};

/**
 * Returns the electorate that a proposal requests. Voters that a policy names take precedence over the proposal's own.
 * Kinds that change the rules already come with the policy's electorate.
 */
const requestedElectorate = (
  { kind, electorate: requested }: Submission,
  chosen: KnownPolicy | undefined,
  { known: { policy: inForce } }: ProposalContext,
): Electorate | undefined => {
  const own = requested === undefined ? undefined : membersOf(requested);
  return changesRules(kind) ? own : (inForce?.document.electorate ?? chosen?.document.electorate ?? own);
};

/** Refuses an electorate with a member who could not vote: the vote would wait for that member in vain. */
const checkVoters = (
  { electorate = [] }: Submission,
  { aggregateId, known: { voters } }: ProposalContext,
): Result.Result<void, Rejection> => {
  const strangers = voters === undefined ? [] : membersOf(electorate).filter(({ id }) => !voters.has(id));
  const [first] = strangers;
  return first === undefined
    ? Result.succeed(undefined)
    : refuse(
        "not-a-voter",
        `proposal \`${aggregateId}\`: \`${first.id}\` does not have the role \`voter\`; an admin can give it: \`cim agents grant ${first.id} voter\``,
        { strangers: strangers.map(({ id }) => id) },
      );
};

/** Submits a proposal. Without a discussion, voting opens at once, in the same commit. */
export const submit = (submission: Submission, context: ProposalContext): ProposalDecision =>
  Result.gen(function* () {
    const { aggregateId, principal: proposer } = context;
    if (context.known.deployment === true && !isOwnPrincipal(proposer))
      return yield* refuse(
        "id-taken",
        `proposal \`${aggregateId}\`: the id is that of a deployment, which submits its proposal itself; use another id`,
      );
    const { kind, title, subject } = submission;
    if (changesRules(kind) && !isOwnPrincipal(proposer))
      return yield* refuse(
        "reserved",
        `proposal \`${aggregateId}\`: proposals of the kind \`${kind}\` come only from \`policy.propose\` or \`freeze.unfreeze\`; use another kind`,
      );
    const policy = yield* chosenPolicy(submission, context);
    const own = Struct.omit(submission, ["kind", "title", "subject", "electorate", "policy"]);
    const chosen = policy ?? shippedDefault;
    const ruling = kind === "deployment" ? afterDiscussion(chosen) : chosen;
    const complete = yield* rulesUnder(ruling, own, `proposal \`${aggregateId}\``);
    // It is not about a revision of a graph, so there are no reviews and no rounds.
    const rules = Struct.omit(complete, Struct.keys(revisionRules));
    const electorate = requestedElectorate(submission, policy, context);
    // The proposer did not choose voters that a policy names, so invalid ones are left out instead of refused.
    if (!changesRules(kind)) yield* checkVoters(submission, context);
    if (electorate !== undefined) yield* checkDecides(electorate, context);
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
 * Puts a revision of a graph to the vote. Conditions are part of its result, because the deployed graph must not depend
 * on who votes first. If the policy requires four eyes, the authors of the revision have no vote.
 */
export const putToVote = (
  {
    kind,
    title,
    subject,
    electorate: asked,
    excluded,
    reviews,
    glass,
    ...wishes
  }: PayloadOf<typeof proposalCommands, "put-to-vote">,
  context: ProposalContext,
): ProposalDecision =>
  Result.gen(function* () {
    const { aggregateId, principal: proposer, known } = context;
    const { policy = shippedDefault } = known;
    const own = { ...wishes, awaitConditions: true };
    const { fourEyes = true } = policy.document;
    const rules = { ...(yield* rulesUnder(afterDiscussion(policy), own, `proposal \`${aggregateId}\``)), fourEyes };
    const members = policy.document.electorate ?? membersOf(asked);
    const gone = !fourEyes ? [] : excluded.filter(({ id }) => members.some((one) => one.id === id));
    const electorate = remaining(members, gone);
    if (!canDecide(electorate))
      return yield* gone.length === 0
        ? refuseEmptyElectorate(aggregateId)
        : refuse(
            "empty-electorate",
            `proposal \`${aggregateId}\`: nobody is left who may vote: ${gone.map(({ reason }) => reason).join("; ")}`,
          );
    yield* checkDecides(electorate, context);
    const submitted: ProposalEvent = {
      type: "proposal-submitted",
      data: {
        kind,
        title,
        subject,
        ...rules,
        proposer,
        electorate,
        policy: Struct.pick(policy, ["id", "version", "digest"]),
        ...defined({ vetoKeys: rules.vetoHolders && keysOf(rules.vetoHolders, known.publicKeys), glass }),
        excluded: gone,
        reviews,
      },
    };
    if (rules.discussionSeconds > 0) return [submitted];
    return [submitted, ...(yield* openVoting({ rules, requestedElectorate: electorate }, context))];
  });
