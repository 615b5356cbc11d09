import { accept, addSeconds, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision } from "./decision.ts";
import { equalMembers } from "./electorate.ts";
import type { PendingProposal } from "./state.ts";

/** Nobody could ever decide. */
export const refuseEmptyElectorate = (id: string) =>
  refuse("empty-electorate", `proposal \`${id}\`: nobody may vote; name an electorate or register agents that can`);

/** Opens voting with the electorate that was asked for, or else with everyone there is now. */
export const openVoting = (
  { requestedElectorate, protocol, quorum, votingSeconds }: Omit<PendingProposal, "status" | "proposer">,
  { aggregateId, time, known }: ProposalContext,
): ProposalDecision => {
  const electorate = requestedElectorate ?? equalMembers(known.defaultElectorate);
  if (electorate.length === 0) return refuseEmptyElectorate(aggregateId);
  return accept({
    type: "voting-opened",
    data: { electorate, protocol, quorum, deadline: addSeconds(time, votingSeconds) },
  });
};
