import { Result } from "effect";
import { defined } from "../kernel/mod.ts";
import { type Choice, standingBallots } from "./ballot.ts";
import type { ProposalContext, ProposalEvent } from "./contract.ts";
import { countBallots, uncastWeight, withMore } from "./count.ts";
import { endOf } from "./decision.ts";
import { memberOf } from "./electorate.ts";
import { fractionOf } from "./fraction.ts";
import { countingRuleOf } from "./protocols.ts";
import { earlyOutcome } from "./result.ts";
import type { ActiveVote } from "./state.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { castBallot } from "./voting.ts";

/** The effect that one ballot would have on a vote. */
export interface Prospect {
  readonly choice: Choice;
  /** Why the ballot would be refused; absent if it would be accepted. */
  readonly refusal?: string;
  /** The count with the ballot. */
  readonly tally: Tally;
  /** The immediate consequence: the end of the vote or its round, or a later deadline. */
  readonly follows?: ProposalEvent;
  /** How the vote ends if nobody votes after it. */
  readonly otherwise?: ProposalEvent;
}

/** The state of a vote, and what would end it. */
export interface Outlook {
  /** How the vote ends if nobody else votes. */
  readonly otherwise?: ProposalEvent;
  /** The weight that has not been cast. */
  readonly uncast: number;
  /** The additional approving weight that would end the vote early with an approval; absent if none would. */
  readonly toApprove?: number;
  /** The additional rejecting weight that would end the vote early with a rejection; absent if none would. */
  readonly toReject?: number;
}

const choices = ["approve", "reject", "abstain"] as const;

const prospectOf = (vote: ActiveVote, voter: string, choice: Choice, time: string): Prospect => {
  const member = memberOf(vote.electorate, voter);
  // As if signed with the right key: a prospect concerns the ballot's effect, not its signature.
  const { publicKey: signedBy } = member ?? {};
  const context: ProposalContext = {
    aggregateId: "",
    commandId: "",
    principal: voter,
    time,
    known: { defaultElectorate: [] },
    ...defined({ signedBy }),
  };
  const decision = castBallot(vote, { choice }, context);
  const ballots = Result.isFailure(decision)
    ? vote.ballots
    : standingBallots(vote.ballots, { voter, weight: member?.weight ?? 0, choice });
  const after = { ...vote, ballots };
  const tally = tallyOf(countBallots(vote.electorate, ballots), fractionOf(vote.rules.quorum));
  if (Result.isFailure(decision)) return { choice, tally, refusal: decision.failure.message };
  const [, follows] = decision.success;
  if (follows !== undefined) return { choice, tally, follows };
  return defined({ choice, tally, otherwise: endOf(after, "closed", vote.deadline) });
};

/** Returns the effect of each choice of a voter at `time`, by the same rules that apply when a ballot is cast. */
export const prospectsOf = (vote: ActiveVote, voter: string, time: string): ReadonlyArray<Prospect> =>
  memberOf(vote.electorate, voter) === undefined ? [] : choices.map((choice) => prospectOf(vote, voter, choice, time));

/**
 * Returns the least number from 0 to `most` for which `holds` is true; undefined if there is none. `holds` must be
 * monotone.
 */
const least = (most: bigint, holds: (value: bigint) => boolean): number | undefined => {
  if (!holds(most)) return undefined;
  let [low, high] = [0n, most];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (holds(middle)) high = middle;
    else low = middle + 1n;
  }
  return Number(low);
};

/** Returns the outlook of a vote: how it ends if nobody else votes, and what would end it early. */
export const outlookOf = (vote: ActiveVote): Outlook => {
  const { rules, electorate, ballots, deadline } = vote;
  const count = countBallots(electorate, ballots);
  const uncast = uncastWeight(count);
  const ends = (choice: Choice, outcome: "approved" | "rejected") => (weight: bigint) => {
    const left = uncast - weight;
    if (outcome === "approved" && rules.awaitConditions === true && left > 0n) return false;
    const rule = countingRuleOf(rules);
    return earlyOutcome(rule, withMore(count, choice, weight), fractionOf(rules.quorum)) === outcome;
  };
  return defined({
    uncast: Number(uncast),
    otherwise: endOf(vote, "closed", deadline),
    toApprove: least(uncast, ends("approve", "approved")),
    toReject: least(uncast, ends("reject", "rejected")),
  });
};
