import { accept, refuse } from "../kernel/mod.ts";
import type { ProposalContext, ProposalDecision } from "./contract.ts";
import { signatureProblem } from "./signature.ts";
import type { Proposal } from "./state.ts";

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
  return unsigned ?? accept({ type: "proposal-vetoed", data: { by: id, reason } });
};
