import { accept, addSeconds, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision } from "./decision.ts";
import { canDecide, type Electorate, equalMembers } from "./electorate.ts";
import type { PendingProposal } from "./state.ts";

/** Nobody could ever decide. */
export const refuseEmptyElectorate = (id: string) =>
  refuse("empty-electorate", `proposal \`${id}\`: nobody may vote; name an electorate or register agents that can`);

/** Members with the keys that they sign with, from now on and for this vote. */
const withKeys = (electorate: Electorate, keys: ReadonlyMap<string, string> | undefined): Electorate =>
  electorate.map(({ id, weight }) => {
    const publicKey = keys?.get(id);
    return publicKey === undefined ? { id, weight } : { id, weight, publicKey };
  });

/** Opens voting with the electorate that was asked for, or else with everyone there is now. */
export const openVoting = (
  { requestedElectorate, rules }: Pick<PendingProposal, "requestedElectorate" | "rules">,
  { aggregateId, time, known }: ProposalContext,
): ProposalDecision => {
  const electorate = withKeys(requestedElectorate ?? equalMembers(known.defaultElectorate), known.publicKeys);
  if (!canDecide(electorate)) return refuseEmptyElectorate(aggregateId);
  const { protocol, quorum, votingSeconds } = rules;
  return accept({
    type: "voting-opened",
    data: { electorate, protocol, quorum, deadline: addSeconds(time, votingSeconds) },
  });
};
