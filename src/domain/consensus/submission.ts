import { Result } from "effect";
import { type CommandOf, canonicalJson, type Rejection, refuse } from "../kernel/mod.ts";
import type { proposalCommands } from "./contract.ts";
import type { KnownPolicy, ProposalContext, ProposalDecision, ProposalEvent } from "./decision.ts";
import { canDecide, keysOf, membersOf } from "./electorate.ts";
import { openVoting, refuseEmptyElectorate } from "./opening.ts";
import type { PolicyDocument } from "./policy-document.ts";
import { rulesFrom, underProtocol } from "./rule-making.ts";
import type { Rules } from "./rules.ts";
import { defaultPolicyId, shippedPolicies } from "./shipped-policies.ts";

export type Submission = Extract<CommandOf<typeof proposalCommands>, { type: "submit" }>["payload"];

const rulesOf = ({ description: _, electorate: __, binding: ___, ...rules }: PolicyDocument): Rules => rules;

/** The policy to decide by. Where the one in force is binding, no other can be named. */
const chosenPolicy = (
  { policy: named }: Submission,
  { aggregateId, known: { policy: inForce, namedPolicy } }: ProposalContext,
): Result.Result<KnownPolicy | undefined, Rejection> => {
  if (named === undefined || named === inForce?.id) return Result.succeed(inForce);
  if (namedPolicy === undefined)
    return refuse("policy-not-found", `proposal \`${aggregateId}\`: there is no policy \`${named}\`; set it first`);
  return inForce?.document.binding === true
    ? refuse("policy-binding", `proposal \`${aggregateId}\`: policy \`${inForce.id}\` is binding; leave \`policy\` out`)
    : Result.succeed(namedPolicy);
};

/** What a binding policy fixes: to wait for everyone who could add a condition is always allowed. */
const fixed = ({ awaitConditions: _, ...rules }: Rules): Omit<Rules, "awaitConditions"> => rules;

/** The rules of a proposal: its own where it says something, its policy's otherwise. */
const rulesFor = (
  submission: Submission,
  policy: KnownPolicy | undefined,
  aggregateId: string,
): Result.Result<Rules, Rejection> => {
  const { kind: _, title: __, subject: ___, electorate: ____, policy: _____, ...own } = submission;
  const document = policy?.document ?? shippedPolicies[defaultPolicyId];
  if (document === undefined) throw new Error("the default policy is not shipped");
  const rules = rulesOf(document);
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

/** Puts something to the vote. Without a discussion voting opens at once, in the same commit. */
export const submit = (submission: Submission, context: ProposalContext): ProposalDecision =>
  Result.gen(function* () {
    const { aggregateId, principal: proposer } = context;
    const policy = yield* chosenPolicy(submission, context);
    const rules = yield* rulesFor(submission, policy, aggregateId);
    const { kind, title, subject, electorate: requested } = submission;
    const electorate = policy?.document.electorate ?? (requested === undefined ? undefined : membersOf(requested));
    if (electorate !== undefined && !canDecide(electorate)) return yield* refuseEmptyElectorate(aggregateId);
    const named = electorate === undefined ? {} : { electorate };
    const kept = {
      ...(policy === undefined ? {} : { policy: referenceTo(policy) }),
      ...(rules.vetoHolders === undefined ? {} : { vetoKeys: keysOf(rules.vetoHolders, context.known.publicKeys) }),
    };
    const submitted: ProposalEvent = {
      type: "proposal-submitted",
      data: { kind, title, subject, ...rules, ...named, proposer, ...kept },
    };
    if (rules.discussionSeconds > 0) return [submitted];
    const request = electorate === undefined ? { rules } : { rules, requestedElectorate: electorate };
    return [submitted, ...(yield* openVoting(request, context))];
  });

const referenceTo = ({ id, version, digest }: KnownPolicy) => ({ id, version, digest });
