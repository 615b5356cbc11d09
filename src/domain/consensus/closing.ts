import { accept, refuse } from "../kernel/mod.ts";
import { conditionsOf } from "./conditions.ts";
import { type Count, countBallots, uncastWeight } from "./count.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent } from "./decision.ts";
import { earlyOutcome } from "./early-decision.ts";
import { fractionOf } from "./fraction.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { countingRules } from "./protocols.ts";
import type { ActiveVote } from "./state.ts";
import { tallyOf } from "./tally.ts";

/** The deadline is inclusive: a ballot at that very millisecond is in time. */
export const isInTime = ({ deadline }: ActiveVote, time: string): boolean => time <= deadline;

const decisionEvent = (
  outcome: Outcome,
  vote: Pick<ActiveVote, "electorate" | "ballots" | "protocol" | "quorum">,
  count: Count,
): ProposalEvent => {
  const tally = tallyOf(count, fractionOf(vote.quorum));
  switch (outcome) {
    case "expired":
      return { type: "proposal-expired", data: { tally } };
    case "rejected":
      return {
        type: "proposal-rejected",
        data: { tally, reason: countingRules[vote.protocol].rejectionCause(count) },
      };
    case "approved": {
      const [first, ...others] = conditionsOf(vote.electorate, vote.ballots);
      return first === undefined
        ? { type: "proposal-approved", data: { tally } }
        : { type: "proposal-approved-with-conditions", data: { tally, conditions: [first, ...others] } };
    }
  }
};

/** An approval may still become one with conditions, where those count as part of the result. */
const mayGetConditions = ({ awaitConditions }: ActiveVote, count: Count): boolean =>
  awaitConditions === true && uncastWeight(count) > 0n;

/** The vote's end, where no ballot that is not cast yet can change it. */
export const decideEarly = (vote: ActiveVote): ReadonlyArray<ProposalEvent> => {
  const count = countBallots(vote.electorate, vote.ballots);
  const outcome = earlyOutcome(countingRules[vote.protocol], count, fractionOf(vote.quorum));
  if (outcome === undefined || (outcome === "approved" && mayGetConditions(vote, count))) return [];
  return [decisionEvent(outcome, vote, count)];
};

/** Decides by the ballots that were cast, once no more can be. */
export const closeVoting = (active: ActiveVote, { aggregateId, time }: ProposalContext): ProposalDecision => {
  if (isInTime(active, time))
    return refuse("too-early", `proposal \`${aggregateId}\`: voting is open up to and including ${active.deadline}`);
  const count = countBallots(active.electorate, active.ballots);
  const outcome = outcomeOf(countingRules[active.protocol], count, fractionOf(active.quorum));
  return accept(decisionEvent(outcome, active, count));
};
