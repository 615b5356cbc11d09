import { proposal } from "../../../domain/consensus/decider.ts";
import { policy } from "../../../domain/consensus/policy.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { isOver } from "../../../domain/deployment/lifecycle.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { freeze } from "../../../domain/freeze/decider.ts";
import { isEventOf, type RecordedEvent } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import type { CommandHandling } from "../../command-handling.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../../ports/mod.ts";
import type { ProcessManager } from "../../process-manager.ts";
import type { ReadModels } from "../../read-models.ts";
import { ballots } from "../actions.ts";
import { amend, generate, propose } from "./operations.ts";
import { pin } from "./pin.ts";
import { type Phase, saga } from "./saga.ts";
import {
  type Course,
  courseOf,
  courseOfTask,
  evolve,
  initialState,
  type WorkflowState,
  workflowName,
} from "./state.ts";
import type { Moment, SagaEvent, Step } from "./step.ts";
import { evolveByFreeze, reactToFreeze, reactToPolicy } from "./waiting.ts";

/** Returns the deployment that an event concerns. A proposal counts only if the workflow submitted it. */
const courseAt = (state: WorkflowState, event: RecordedEvent): Course | undefined => {
  if (isEventOf(task, event)) return courseOfTask(state, event.id);
  const course = courseOf(state, event.id);
  return isEventOf(proposal, event) && course?.proposed !== true ? undefined : course;
};

const phases = Object.entries(saga);

/** Returns the row for an event: of the deployment's current phase, or of the first later phase that has one. */
const rowFor = (course: Course, event: SagaEvent): ReadonlyArray<Step> => {
  const since = phases.findIndex(([name]) => name === course.phase);
  for (const [, { on }] of phases.slice(since)) {
    const rows: Readonly<Record<string, ReadonlyArray<Step>>> = on ?? {};
    const row = rows[`${event.aggregate}.${event.type}`];
    if (row !== undefined) return row;
  }
  return [];
};

const undoOfAll: ReadonlyArray<Step> = phases.toReversed().flatMap(([, { undo = [] }]) => undo);

/** Returns the steps that the table has for an event. */
const stepsFor = (course: Course, event: SagaEvent): ReadonlyArray<Step> => {
  const phase: Phase = saga[course.phase];
  if (event.aggregate !== deployment.name || event.type !== phase.begins) return rowFor(course, event);
  return [...(phase.does ?? []), ...(isOver(course.phase) ? undoOfAll : [])];
};

const react = (state: WorkflowState, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(freeze, event)) return reactToFreeze(state, event);
  if (isEventOf(policy, event)) return event.type === "policy-proposed" ? [] : reactToPolicy(state);
  const course = courseAt(state, event);
  if (course === undefined) return [];
  if (
    !isEventOf(deployment, event) &&
    !isEventOf(dialog, event) &&
    !isEventOf(proposal, event) &&
    !isEventOf(task, event)
  )
    return [];
  const moment: Moment = { state, course, event };
  return stepsFor(course, event).flatMap((step) => step.run(moment));
};

/** Leads deployments through the phases of the {@link saga}, from the request to the end or to the rollback. */
export const deploymentWorkflow: ProcessManager<
  WorkflowState,
  EventStore | Snapshots | Digests | Artifacts | ReadModels | CommandHandling
> = {
  name: workflowName,
  aggregates: [deployment.name, dialog.name, freeze.name, policy.name, proposal.name, task.name],
  ignores: ballots,
  initial: initialState,
  evolve: (state, event) => (isEventOf(freeze, event) ? evolveByFreeze(state, event) : evolve(state, event)),
  react,
  operations: { propose, generate, amend, pin },
};
