import { accept, addSeconds, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent } from "./decision.ts";
import { earlyResultOf, hasQuorum, resultOf, type VoteResult } from "./result.ts";
import type { ActiveVote } from "./state.ts";

/** The deadline is inclusive: a ballot at that very millisecond is in time. */
export const isInTime = ({ deadline }: ActiveVote, time: string): boolean => time <= deadline;

const decisionEvent = (
  { outcome, tally, reason = "majority", conditions: [first, ...others] }: VoteResult,
  enactmentDelaySeconds: number,
  time: string,
): ProposalEvent => {
  const due = enactmentDelaySeconds > 0 ? { enactAt: addSeconds(time, enactmentDelaySeconds) } : {};
  switch (outcome) {
    case "expired":
      return { type: "proposal-expired", data: { tally } };
    case "rejected":
      return { type: "proposal-rejected", data: { tally, reason } };
    case "approved":
      return first === undefined
        ? { type: "proposal-approved", data: { tally, ...due } }
        : { type: "proposal-approved-with-conditions", data: { tally, conditions: [first, ...others], ...due } };
  }
};

/** The vote's end, where no ballot that is not cast yet can change it. */
export const decideEarly = ({ rules, electorate, ballots }: ActiveVote, time: string): ReadonlyArray<ProposalEvent> => {
  const result = earlyResultOf(rules, electorate, ballots);
  return result === undefined ? [] : [decisionEvent(result, rules.enactmentDelaySeconds ?? 0, time)];
};

/** More time for everyone, where a ballot reaches the quorum for the first time and late. */
export const extendForLateQuorum = (
  before: ActiveVote,
  after: ActiveVote,
  time: string,
): ReadonlyArray<ProposalEvent> => {
  const { rules, electorate, deadline, extended } = before;
  if (rules.lateQuorum === undefined || extended) return [];
  const { withinSeconds, extensionSeconds } = rules.lateQuorum;
  const reachesQuorum = !hasQuorum(rules, electorate, before.ballots) && hasQuorum(rules, electorate, after.ballots);
  const isLate = time > addSeconds(deadline, -withinSeconds);
  const later = addSeconds(time, extensionSeconds);
  return reachesQuorum && isLate && later > deadline ? [{ type: "voting-extended", data: { deadline: later } }] : [];
};

/** Decides by the ballots that were cast, once no more can be. */
export const closeVoting = (active: ActiveVote, { aggregateId, time }: ProposalContext): ProposalDecision => {
  if (isInTime(active, time))
    return refuse("too-early", `proposal \`${aggregateId}\`: voting is open up to and including ${active.deadline}`);
  const { rules, electorate, ballots } = active;
  return accept(decisionEvent(resultOf(rules, electorate, ballots), rules.enactmentDelaySeconds ?? 0, time));
};
