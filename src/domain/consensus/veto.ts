import { Result } from "effect";
import { accept, defined, type PayloadOf, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent, proposalCommands } from "./contract.ts";
import { signatureProblem } from "./signature.ts";
import type { ActiveVote, ApprovedProposal, PendingProposal, Proposal } from "./state.ts";
import { isInTime, strikeBallot } from "./voting.ts";

/** A proposal that can be vetoed: it has not come to its end. */
type Stoppable = Extract<Proposal, { readonly rules: unknown }>;

/**
 * A veto holds at any moment before enactment, also while the vote is being counted. Old proposals do not have the keys
 * of their veto holders; they take vetoes without a check, because their history does not show which key would be
 * right.
 */
export const veto = (reason: string, { rules, vetoKeys }: Stoppable, context: ProposalContext): ProposalDecision => {
  const { aggregateId, principal: id } = context;
  if (rules.vetoHolders?.includes(id) !== true)
    return refuse("not-a-veto-holder", `proposal \`${aggregateId}\`: its rules give \`${id}\` no veto; vote instead`);
  const holder = vetoKeys?.find((key) => key.id === id) ?? { id };
  const unsigned = vetoKeys === undefined ? undefined : signatureProblem("veto", rules, holder, context);
  return (
    unsigned ??
    accept({ type: "proposal-vetoed", data: { by: id, reason, ...defined({ signedBy: context.signedBy }) } })
  );
};

/** Whether a vote that a veto interrupted can go on: none of its time is over that the veto took from its voters. */
const canGoOn = (before: PendingProposal | ActiveVote | ApprovedProposal, time: string): boolean => {
  switch (before.status) {
    case "pending":
      return before.opensAt === undefined || time < before.opensAt;
    case "active":
      return isInTime(before, time);
    case "approved":
    case "approved-with-conditions":
      return time < before.enactAt;
  }
};

/**
 * Strikes a veto that a key signed which was revoked, and the holder's ballot if that key signed it too; without
 * `signedBy`, any veto of a holder who might not give one any more. What has run out meanwhile stays vetoed, which is the
 * safe side: it can be put to the vote again.
 */
export const strikeVeto = (
  proposal: Proposal,
  { holder, reason, signedBy, ballot }: PayloadOf<typeof proposalCommands, "strike-veto">,
  { time }: ProposalContext,
): ProposalDecision => {
  const stopped = proposal.status === "vetoed" ? proposal.stopped : undefined;
  const isIts = stopped?.by === holder && (signedBy === undefined || stopped.publicKey === signedBy);
  if (!isIts || !canGoOn(stopped.before, time)) return accept();
  const strike = { voter: holder, reason, ...defined({ signedBy }) };
  const struck = ballot ? strikeBallot(stopped.before, strike) : accept<ProposalEvent>();
  return Result.map(
    struck,
    (events): ReadonlyArray<ProposalEvent> => [{ type: "veto-struck", data: { by: holder, reason } }, ...events],
  );
};
