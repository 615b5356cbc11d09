import type { proposal } from "../../../domain/consensus/decider.ts";
import type { VoteOutcome } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import type { CommandOf, RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { give } from "../actions.ts";
import { fail } from "./fail.ts";
import { courseOf, type WorkflowState } from "./state.ts";

type Decision = Extract<CommandOf<typeof deployment.commands>, { type: "record-decision" }>["payload"];

/** The end of the vote on a deployment. An approval counts when it is enacted: until then it can be vetoed. */
export const onProposal = (
  state: WorkflowState,
  event: RecordedEventOf<typeof proposal.events>,
): ReadonlyArray<Action> => {
  if (courseOf(state, event.id)?.proposed !== true) return [];
  const decided = (outcome: VoteOutcome, more: Partial<Decision> = {}): ReadonlyArray<Action> => [
    give(deployment, event.id, { type: "record-decision", payload: { outcome, conditions: [], ...more } }),
  ];
  switch (event.type) {
    case "proposal-enacted": {
      const { outcome, tally, conditions } = event.data;
      return decided(outcome, { tally, conditions });
    }
    case "approval-voided":
      return [fail(event.id, "approval-void", event.data.detail)];
    case "proposal-rejected":
      return decided("rejected", { tally: event.data.tally });
    case "proposal-expired":
      return decided("expired", { tally: event.data.tally });
    case "proposal-vetoed":
      return decided("vetoed");
    case "proposal-superseded":
      return decided("superseded");
    case "proposal-withdrawn":
      return decided("withdrawn");
    case "proposal-cancelled":
      return decided("cancelled");
    default:
      return [];
  }
};
