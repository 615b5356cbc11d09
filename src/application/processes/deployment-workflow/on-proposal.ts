import type { proposal } from "../../../domain/consensus/decider.ts";
import type { VoteOutcome } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import type { CommandOf, RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../process-manager.ts";
import { give } from "../give.ts";
import { courseOf, type WorkflowState } from "./state.ts";

type Decision = Extract<CommandOf<typeof deployment.commands>, { type: "record-decision" }>["payload"];

/** The end of the vote on a deployment. */
export const onProposal = (
  state: WorkflowState,
  event: RecordedEventOf<typeof proposal.events>,
): ReadonlyArray<Action> => {
  if (courseOf(state, event.id)?.proposed !== true) return [];
  const decided = (outcome: VoteOutcome, more: Partial<Decision> = {}): ReadonlyArray<Action> => [
    give(deployment, event.id, { type: "record-decision", payload: { outcome, conditions: [], ...more } }),
  ];
  switch (event.type) {
    case "proposal-approved":
      return decided("approved", event.data);
    case "proposal-approved-with-conditions":
      return decided("approved-with-conditions", event.data);
    case "proposal-rejected":
      return decided("rejected", { tally: event.data.tally });
    case "proposal-expired":
      return decided("expired", event.data);
    case "proposal-withdrawn":
      return decided("withdrawn");
    case "proposal-cancelled":
      return decided("cancelled");
    default:
      return [];
  }
};
