import { addSeconds, defined } from "../kernel/mod.ts";
import { changesGraph } from "./ballot.ts";
import type { ProposalEvent } from "./contract.ts";
import { type Count, countBallots } from "./count.ts";
import { earlyResultOf, resultOf, type VoteResult } from "./result.ts";
import { isLastRound, missingReviews, type StandingFinding, standingFindings } from "./rounds.ts";
import type { ActiveVote } from "./state.ts";

/** Whether voting is closed, or goes on with this count. */
export type Stage = "closed" | { readonly count: Count };

const reasonOf = (findings: ReadonlyArray<StandingFinding>): string =>
  findings.map(({ reviewer, rule, message }) => `${reviewer} found ${rule}: ${message}`).join("; ");

/** The veto of blocking findings; undefined if there are none. */
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
 * What an approval by the ballots comes to. A blocking finding without a remedy is a veto. Conditions that change the
 * graph lead to another round, in which a finding with a remedy shows whether it is mended. Without a required review
 * there is no approval; undefined if it may still come.
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
 * Returns how a vote or its round ends by the ballots and reviews that stand; undefined if it goes on. It is one
 * function for the decider and for the audit, so that anybody can count every round again from the log.
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

/** The same while voting goes on, with the ballots counted. */
export const earlyEndOf = (vote: ActiveVote, time: string): ProposalEvent | undefined =>
  endOf(vote, { count: countBallots(vote.electorate, vote.ballots) }, time);
