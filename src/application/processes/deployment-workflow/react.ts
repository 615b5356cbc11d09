import { proposal } from "../../../domain/consensus/decider.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { isEventOf, type RecordedEvent } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import { onDeployment } from "./on-deployment.ts";
import { onProposal } from "./on-proposal.ts";
import { onTask } from "./on-task.ts";
import { onTurn } from "./on-turn.ts";
import type { WorkflowState } from "./state.ts";

/** What follows from an event: the whole flow of a deployment, step by step. */
export const react = (state: WorkflowState, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(deployment, event)) return onDeployment(state, event);
  if (isEventOf(dialog, event)) return event.type === "turn-said" ? onTurn(state, event) : [];
  if (isEventOf(proposal, event)) return onProposal(state, event);
  if (isEventOf(task, event)) return onTask(state, event);
  return [];
};
