import { accept, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision } from "./decision.ts";
import type { ApprovedProposal } from "./state.ts";

/** Lets what was approved take effect, when it is due and if it still is what was decided on. */
export const enact = (
  { status: outcome, tally, conditions, enactAt }: ApprovedProposal,
  { aggregateId, time, known: { changed } }: ProposalContext,
): ProposalDecision => {
  if (time < enactAt) return refuse("too-early", `proposal \`${aggregateId}\` takes effect at ${enactAt}`);
  return accept(
    changed === undefined
      ? { type: "proposal-enacted", data: { outcome, tally, conditions } }
      : { type: "approval-voided", data: { detail: changed } },
  );
};
