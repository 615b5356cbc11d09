import { secretIn } from "../graph/secret-check.ts";
import { accept, canonicalJson, defined, type PayloadOf, refuse } from "../kernel/mod.ts";
import { type Ballot, standingBallots, type Vote } from "./ballot.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent, proposalCommands } from "./contract.ts";
import { countBallots } from "./count.ts";
import { endOf } from "./decision.ts";
import { memberOf } from "./electorate.ts";
import { fractionOf } from "./fraction.ts";
import { deadlineOfLateQuorum } from "./quorum.ts";
import { excludedFrom } from "./rounds.ts";
import { signatureProblem } from "./signature.ts";
import { type ActiveVote, type Proposal, voteOf } from "./state.ts";

/** Returns whether a ballot is in time: its time in the log is not after the deadline, which is inclusive. */
export const isInTime = ({ deadline }: ActiveVote, time: string): boolean => time <= deadline;

const voteIn = ({ voter, weight, ...vote }: Ballot): Vote => vote;

/**
 * Casts a ballot. If the ballot reaches the quorum late, a new deadline follows. Otherwise, if it decides the vote, the
 * end follows in the same commit, so that no other ballot comes between.
 */
export const castBallot = (
  active: ActiveVote,
  { conditions = [], ...vote }: Vote,
  context: ProposalContext,
): ProposalDecision => {
  const { aggregateId, principal: voter, time } = context;
  if (!isInTime(active, time))
    return refuse("voting-closed", `proposal \`${aggregateId}\`: voting ended at ${active.deadline}`);
  const round = active.rounds?.round ?? 1;
  if (vote.round !== undefined && vote.round !== round)
    return refuse(
      "other-round",
      `proposal \`${aggregateId}\`: this is round ${round}, and the ballot is for round ${vote.round}; look at what has changed, and vote on that`,
      { round },
    );
  const member = memberOf(active.electorate, voter);
  if (member === undefined) {
    const excluded = excludedFrom(active.rounds, voter);
    return excluded === undefined
      ? refuse(
          "not-in-electorate",
          `proposal \`${aggregateId}\`: \`${voter}\` is not in the electorate, which was fixed when voting opened`,
        )
      : refuse("four-eyes", `proposal \`${aggregateId}\`: \`${voter}\` has no vote here: ${excluded.reason}`);
  }
  const unsigned = signatureProblem("ballot", active.rules, member, context);
  if (unsigned !== undefined) return unsigned;
  if (conditions.length > 0 && vote.choice !== "approve")
    return refuse(
      "conditions-need-approval",
      `proposal \`${aggregateId}\`: only an approval may have conditions; leave them out or approve`,
    );
  if (vote.acceptsRemedies === true && vote.choice !== "approve")
    return refuse(
      "remedies-need-approval",
      `proposal \`${aggregateId}\`: only an approval may accept remedies; leave \`acceptsRemedies\` out or approve`,
    );
  const secret = secretIn(
    conditions.flatMap(({ changes = [] }) => changes),
    { allowed: vote.allowSecretLike, before: () => context.known.graph ?? {} },
  );
  if (secret !== undefined) return refuse("invalid-config", `proposal \`${aggregateId}\`: ${secret}`);
  const { weight } = member;
  const ballot: Ballot = {
    voter,
    weight,
    ...vote,
    ...defined({ conditions: conditions.length > 0 ? conditions : undefined, signedBy: context.signedBy }),
  };
  const before = active.ballots.find((cast) => cast.voter === voter);
  if (before !== undefined && !active.rules.ballotsMayChange)
    return refuse(
      "already-voted",
      `proposal \`${aggregateId}\`: \`${voter}\` has voted, and ballots may not be changed`,
    );
  if (before !== undefined && canonicalJson(voteIn(before)) === canonicalJson(voteIn(ballot))) return accept();
  const after = { ...active, ballots: standingBallots(active.ballots, ballot) };
  return accept<ProposalEvent>(
    { type: "ballot-cast", data: { ...ballot, replaces: before !== undefined } },
    ...whatFollows(after, { isFirst: before === undefined, weight }, time),
  );
};

/**
 * Returns the consequence of a ballot: a later deadline, the end of the vote, or nothing. Counts the ballots once.
 *
 * If ballots may change, a late quorum moves the deadline even if the ballot decides the vote. Voters who relied on a
 * missing quorum can then still change theirs. For the same reason, a changed ballot does not end this extra time.
 */
const whatFollows = (
  active: ActiveVote,
  { isFirst, weight }: { readonly isFirst: boolean; readonly weight: number },
  time: string,
): ReadonlyArray<ProposalEvent> => {
  const { rules, electorate, ballots, extended } = active;
  const count = countBallots(electorate, ballots);
  const cast = { count, added: isFirst ? weight : 0, quorum: fractionOf(rules.quorum) };
  const deadline = deadlineOfLateQuorum(rules.lateQuorum, cast, active, time);
  const extension: ProposalEvent | undefined =
    deadline === undefined ? undefined : { type: "voting-extended", data: { deadline } };
  if (rules.ballotsMayChange && extension !== undefined) return [extension];
  const end = rules.ballotsMayChange && extended && !isFirst ? undefined : endOf(active, { count }, time);
  const next = end ?? extension;
  return next === undefined ? [] : [next];
};

/** Returns the counted ballots of an open vote, or of a vetoed one whose veto may be struck. */
export const ballotsOf = (proposal: Proposal): ReadonlyArray<Ballot> => {
  const vote = voteOf(proposal);
  return vote !== undefined && "ballots" in vote ? vote.ballots : [];
};

/**
 * Strikes the ballot of a voter that lost its role; with `signedBy`, only if that revoked key signed it. The others are
 * counted again when the vote ends: one ballot less cannot decide a vote that was undecided.
 */
export const strikeBallot = (
  proposal: Proposal,
  { voter, reason, signedBy }: PayloadOf<typeof proposalCommands, "strike-ballot">,
): ProposalDecision =>
  ballotsOf(proposal).some((cast) => cast.voter === voter && (signedBy === undefined || cast.signedBy === signedBy))
    ? accept({ type: "ballot-struck", data: { voter, reason } })
    : accept();

/** Gives a voter or veto holder another key in an open vote, so that a key rotation takes effect at once. */
export const changeVoterKey = (
  proposal: Proposal,
  change: PayloadOf<typeof proposalCommands, "change-voter-key">,
): ProposalDecision => {
  const { voter, publicKey } = change;
  const hasOther = (one: { readonly id: string; readonly publicKey?: string } | undefined) =>
    one !== undefined && one.publicKey !== publicKey;
  const vote = voteOf(proposal);
  const member = vote !== undefined && "electorate" in vote ? memberOf(vote.electorate, voter) : undefined;
  const holder =
    vote?.rules.vetoHolders?.includes(voter) === true && vote.vetoKeys !== undefined
      ? (vote.vetoKeys.find(({ id }) => id === voter) ?? { id: voter })
      : undefined;
  return hasOther(member) || hasOther(holder) ? accept({ type: "voter-key-changed", data: change }) : accept();
};

/** Closes the vote after its deadline by the ballots that were cast. */
export const closeVoting = (active: ActiveVote, { aggregateId, time }: ProposalContext): ProposalDecision => {
  if (isInTime(active, time))
    return refuse("too-early", `proposal \`${aggregateId}\`: voting is open up to and including ${active.deadline}`, {
      until: active.deadline,
    });
  const end = endOf(active, "closed", time);
  return end === undefined ? accept() : accept(end);
};
