import type { ProposalEvent } from "./contract.ts";

/**
 * What each event means for the course of a proposal. `noted`: the deadline stays. `moved`: the proposal has another
 * deadline, or waits for enactment. `over`: it has ended.
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
