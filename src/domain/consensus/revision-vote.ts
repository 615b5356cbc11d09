import { accept, addSeconds, canonicalJson, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent } from "./contract.ts";
import { earlyEndOf, vetoOf } from "./decision.ts";
import { canDecide } from "./electorate.ts";
import { excludedFor, type Owners } from "./four-eyes.ts";
import {
  authorsIn,
  type BrokenGlass,
  carriedVoters,
  type Excluded,
  isSameRevision,
  type NotedReview,
  type Rounds,
  remaining,
  type Subject,
  standingFindings,
  withReview,
} from "./rounds.ts";
import { type AmendingVote, evolve, isApproved, type Proposal } from "./state.ts";
import { isInTime } from "./voting.ts";

const asList = (event: ProposalEvent | undefined): ReadonlyArray<ProposalEvent> => (event === undefined ? [] : [event]);

const noRevision = (id: string) =>
  refuse("not-a-revision", `proposal \`${id}\` is not a vote on a revision of a graph, and has no rounds`);

const isKnown = ({ reviews }: Rounds, review: NotedReview): boolean =>
  reviews.some((one) => canonicalJson(one) === canonicalJson(review));

/**
 * Records a review. The vote may have waited for it. A blocking finding stops an approval until enactment. After
 * enactment, the deployment handles it.
 */
export const noteReview = (
  { subject, review }: { readonly subject: Subject; readonly review: NotedReview },
  proposal: Proposal,
  { aggregateId, time }: ProposalContext,
): ProposalDecision => {
  if (!("rules" in proposal))
    return refuse("voting-closed", `proposal \`${aggregateId}\`: voting is over (${proposal.status})`);
  const { rules, rounds } = proposal;
  if (rounds === undefined) return noRevision(aggregateId);
  if (!isSameRevision(rounds.subject, subject))
    return refuse("other-revision", `proposal \`${aggregateId}\`: round ${rounds.round} is about another revision`);
  if (proposal.status === "amending" || isKnown(rounds, review)) return accept();
  if (proposal.status === "active" && !isInTime(proposal, time))
    return refuse("voting-closed", `proposal \`${aggregateId}\`: voting ended at ${proposal.deadline}`);
  const noted: ProposalEvent = { type: "review-noted", data: { round: rounds.round, ...review } };
  const after = { ...proposal, rounds: withReview(rounds, review) };
  if (isApproved(after)) return accept(noted, ...asList(vetoOf(standingFindings(rules, after.rounds))));
  return accept(noted, ...(after.status === "active" ? asList(earlyEndOf(after, time)) : []));
};

/**
 * Records that the glass was broken for the revision under vote. This bypasses only the veto of blocking findings.
 * Ballots, quorum and required reviews stay as they are.
 */
export const noteBreakGlass = (
  { subject, by, reason }: BrokenGlass & { readonly subject: Subject },
  proposal: Proposal,
  { aggregateId }: ProposalContext,
): ProposalDecision => {
  if (!("rules" in proposal))
    return refuse("voting-closed", `proposal \`${aggregateId}\`: voting is over (${proposal.status})`);
  const { rounds } = proposal;
  if (rounds === undefined) return noRevision(aggregateId);
  if (!isSameRevision(rounds.subject, subject))
    return refuse("other-revision", `proposal \`${aggregateId}\`: round ${rounds.round} is about another revision`);
  return rounds.glass === undefined
    ? accept({ type: "break-glass-noted", data: { round: rounds.round, by, reason } })
    : accept();
};

/**
 * Returns the members that wrote a part of the new revision, and the principals that are one pair of eyes with them.
 */
const newlyExcluded = (
  { rules, rounds, conditions, electorate }: AmendingVote,
  subject: Subject,
  owners: Owners,
): ReadonlyArray<Excluded> => {
  if (rules.fourEyes === false || isSameRevision(rounds.subject, subject)) return [];
  const authors = authorsIn(rounds, conditions).map((id) => [id, "changed the graph by its condition"] as const);
  return excludedFor(electorate, new Map(authors), owners);
};

/** Opens the next round with the revision that the conditions produced. Carried ballots may decide it at once. */
export const openRound = (
  { round, subject }: { readonly round: number; readonly subject: Subject },
  proposal: Proposal,
  { aggregateId, time, known }: ProposalContext,
): ProposalDecision => {
  if ("rounds" in proposal && proposal.status === "active" && proposal.rounds?.round === round) return accept();
  if (proposal.status !== "amending" || proposal.rounds.round + 1 !== round)
    return refuse("not-between-rounds", `proposal \`${aggregateId}\` does not wait for round ${round}`);
  const { rules, rounds, ballots, conditions } = proposal;
  const excluded = newlyExcluded(proposal, subject, known.owners ?? new Map());
  const electorate = remaining(proposal.electorate, excluded);
  if (!canDecide(electorate))
    return refuse(
      "empty-electorate",
      `proposal \`${aggregateId}\`: nobody is left who may vote in round ${round}: ${excluded.map(({ reason }) => reason).join("; ")}`,
    );
  const gone = new Set(excluded.map(({ id }) => id));
  const carried = carriedVoters(rounds, ballots, conditions, subject).filter((voter) => !gone.has(voter));
  const opened: ProposalEvent = {
    type: "round-opened",
    data: { round, subject, electorate, deadline: addSeconds(time, rules.votingSeconds), excluded, carried },
  };
  const after = evolve(proposal, opened, { aggregateId, version: 0, actor: "", time });
  return accept(opened, ...(after?.status === "active" ? asList(earlyEndOf(after, time)) : []));
};
