import { Result } from "effect";
import { accept, defined, type PayloadOf, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent, proposalCommands } from "./contract.ts";
import { signatureProblem } from "./signature.ts";
import type { ActiveVote, ApprovedProposal, PendingProposal, Proposal } from "./state.ts";
import { isInTime, strikeBallot } from "./voting.ts";

/** A proposal that can be vetoed, because it has not ended. */
type Stoppable = Extract<Proposal, { readonly rules: unknown }>;

/**
 * Vetoes a proposal. A veto is valid at any moment before enactment, even while the ballots are counted. Old proposals
 * did not store the keys of their veto holders. They accept a veto without a check, because their history does not show
 * the right key.
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

/** Returns whether a vote can resume after a veto: the veto must not have cost the voters any of its time. */
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
 * Strikes a veto that was signed with a revoked key, and the holder's ballot if the same key signed it. Without
 * `signedBy`, it strikes any veto of a holder that may no longer give one. If the vote's time has run out meanwhile,
 * the veto stays. That is the safe choice, because the subject can be put to the vote again.
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
