import type { ProposalEvent } from "./contract.ts";

/**
 * What each event means for the course of a proposal. `noted`: something about the vote, its deadline stays. `moved`: it goes
 * on under another deadline, or waits to be enacted. `over`: nothing follows any more.
 */
export const courseAfter: { readonly [Type in ProposalEvent["type"]]: "noted" | "moved" | "over" } = {
  "proposal-submitted": "moved",
  "voting-opened": "moved",
  "ballot-cast": "noted",
  "ballot-struck": "noted",
  "veto-struck": "noted",
  "voter-key-changed": "noted",
  "review-noted": "noted",
  "break-glass-noted": "noted",
  "voting-extended": "moved",
  "round-ended": "moved",
  "round-opened": "moved",
  "proposal-approved": "moved",
  "proposal-approved-with-conditions": "moved",
  "proposal-rejected": "over",
  "proposal-expired": "over",
  "proposal-vetoed": "over",
  "proposal-withdrawn": "over",
  "proposal-cancelled": "over",
  "proposal-superseded": "over",
  "proposal-enacted": "over",
  "approval-voided": "over",
};
