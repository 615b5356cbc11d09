import { deployment } from "../../../domain/deployment/decider.ts";
import { reviewIn } from "../../../domain/deployment/review.ts";
import type { dialog } from "../../../domain/dialog/decider.ts";
import type { RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { give } from "../actions.ts";
import { courseOf, type WorkflowState } from "./state.ts";

/** A review is a turn in the deployment's dialog. */
export const onTurn = (
  state: WorkflowState,
  event: RecordedEventOf<typeof dialog.events> & { type: "turn-said" },
): ReadonlyArray<Action> => {
  const review = reviewIn(event.data.data);
  if (review?.deployment !== event.id || courseOf(state, event.id) === undefined) return [];
  const { findings } = review;
  return [give(deployment, event.id, { type: "record-review", payload: { reviewer: event.data.speaker, findings } })];
};
