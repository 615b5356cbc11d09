import { addSeconds, defined } from "../kernel/mod.ts";
import { changesGraph } from "./ballot.ts";
import type { ProposalEvent } from "./contract.ts";
import { type Count, countBallots } from "./count.ts";
import { earlyResultOf, resultOf, type VoteResult } from "./result.ts";
import { isLastRound, missingReviews, type StandingFinding, standingFindings } from "./rounds.ts";
import type { ActiveVote } from "./state.ts";

/** Whether voting is closed, or continues with this count. */
export type Stage = "closed" | { readonly count: Count };

const reasonOf = (findings: ReadonlyArray<StandingFinding>): string =>
  findings.map(({ reviewer, rule, message }) => `${reviewer} found ${rule}: ${message}`).join("; ");

/** Returns the veto that blocking findings are; undefined if there are none. */
export const vetoOf = (findings: ReadonlyArray<StandingFinding>): ProposalEvent | undefined => {
  const [first] = findings;
  return first && { type: "proposal-vetoed", data: { by: first.reviewer, reason: reasonOf(findings), findings } };
};

const approval = (
  { tally, conditions: [first, ...others] }: VoteResult,
  enactmentDelaySeconds: number,
  time: string,
): ProposalEvent => {
  const enactAt = enactmentDelaySeconds > 0 ? addSeconds(time, enactmentDelaySeconds) : undefined;
  return first === undefined
    ? { type: "proposal-approved", data: defined({ tally, enactAt }) }
    : {
        type: "proposal-approved-with-conditions",
        data: { tally, conditions: [first, ...others], ...defined({ enactAt }) },
      };
};

/**
 * Returns what an approving count leads to; undefined if a missing required review may still come. A blocking finding
 * without a remedy is a veto. Conditions that change the graph lead to another round. That round shows whether a
 * finding with a remedy is fixed. Without all required reviews there is no approval.
 */
const approvedBy = (vote: ActiveVote, result: VoteResult, stage: Stage, time: string): ProposalEvent | undefined => {
  const { rules, rounds } = vote;
  const approved = approval(result, rules.enactmentDelaySeconds ?? 0, time);
  if (rounds === undefined) return approved;
  const { tally, conditions } = result;
  const findings = standingFindings(rules, rounds);
  const [first, ...others] = conditions;
  if (first !== undefined && conditions.some(changesGraph)) {
    const veto = vetoOf(findings.filter(({ mendable }) => !mendable));
    if (veto !== undefined) return veto;
    return isLastRound(rules, rounds)
      ? { type: "proposal-rejected", data: { tally, reason: "rounds-exhausted" } }
      : { type: "round-ended", data: { round: rounds.round, tally, conditions: [first, ...others] } };
  }
  const veto = vetoOf(findings);
  if (veto !== undefined) return veto;
  const missing = missingReviews(rules, rounds);
  if (missing.length === 0) return approved;
  return stage === "closed" ? { type: "proposal-expired", data: { tally, missingReviews: missing } } : undefined;
};

/**
 * Returns how a vote or its round ends with the current ballots and reviews; undefined if it continues. The decider and
 * the audit share this function, so anyone can recount every round from the log.
 */
export const endOf = (vote: ActiveVote, stage: Stage, time: string): ProposalEvent | undefined => {
  const { rules, electorate, ballots } = vote;
  const result =
    stage === "closed" ? resultOf(rules, electorate, ballots) : earlyResultOf(rules, electorate, ballots, stage.count);
  if (result === undefined) return undefined;
  const { tally, reason = "majority" } = result;
  switch (result.outcome) {
    case "expired":
      return { type: "proposal-expired", data: { tally } };
    case "rejected":
      return { type: "proposal-rejected", data: { tally, reason } };
    case "approved":
      return approvedBy(vote, result, stage, time);
  }
};

/** Returns the same while voting is open, after counting the ballots. */
export const earlyEndOf = (vote: ActiveVote, time: string): ProposalEvent | undefined =>
  endOf(vote, { count: countBallots(vote.electorate, vote.ballots) }, time);
