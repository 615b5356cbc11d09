import type { DeploymentStatus } from "../../../domain/deployment/contract.ts";
import * as glass from "./glass.ts";
import * as inputs from "./inputs.ts";
import type { EventAt, EventKey, EventType, Step } from "./step.ts";
import * as step from "./steps.ts";
import * as voting from "./voting.ts";
import * as waiting from "./waiting.ts";
import * as wayBack from "./way-back.ts";

/**
 * A phase of a deployment: the event that begins it, its steps, its reactions to events, and the steps that undo it.
 */
export interface Phase {
  /** The event of the deployment that begins the phase. */
  readonly begins: EventType<"deployment">;
  /** The steps at the beginning, in this order. */
  readonly does?: ReadonlyArray<Step>;
  /** The reactions to events during the phase. Commands to the deployment lead to the next phase. */
  readonly on?: { readonly [K in EventKey]?: ReadonlyArray<Step<EventAt<K>>> };
  /**
   * The steps after the end of the deployment, last phase first. They change nothing if the phase was never reached.
   */
  readonly undo?: ReadonlyArray<Step>;
  /** The phase that undoes this one, if hosts may have been touched. */
  readonly undoneBy?: "rolling-back";
}

/**
 * The course of a deployment from its request to its end, and back. The process manager runs this table, and
 * `docs/architecture.md` prints it.
 *
 * Events of other aggregates may arrive before the deployment's own: a reviewer may answer before `discussion-started`
 * is in the log. If the current phase has no row for an event, the rows of later phases are searched. Without this,
 * such an early answer would be lost and the deployment would wait for it until its time limit.
 */
export const saga: Readonly<Record<DeploymentStatus, Phase>> = {
  requested: {
    begins: "deployment-requested",
    does: step.unlessRivalled(
      step.starts(step.timeout),
      inputs.askForPins,
      ...inputs.oncePinned(step.openDialog, step.askForReviews, step.beginDiscussion),
    ),
    on: {
      "task.task-completed": [inputs.pin],
      "task.task-failed": [step.failAsTask],
      "task.task-cancelled": [step.failAsCancelled],
      "deployment.revision-amended": step.unlessRivalled(step.openDialog, step.askForReviews, step.beginDiscussion),
    },
    undo: [step.stops(step.timeout), inputs.cancelPinning, ...inputs.oncePinned(step.closeDialog)],
  },
  discussing: {
    begins: "discussion-started",
    does: [step.starts(step.discussion)],
    on: {
      "deployment.discussion-ended": [step.stops(step.discussion), voting.beginVoting],
    },
    undo: [step.stops(step.discussion)],
  },
  voting: {
    begins: "voting-started",
    does: [voting.putToVote],
    on: {
      "proposal.proposal-submitted": [glass.noteInProposal, voting.noteReviews],
      "deployment.review-recorded": [voting.noteReview],
      "deployment.glass-broken": glass.unlessUnreviewed(glass.tellDialog, glass.noteInProposal),
      "proposal.round-ended": [voting.amend],
      "deployment.revision-amended": step.unlessRivalled(voting.openRound, step.askForReviews),
      "proposal.proposal-enacted": [voting.recordEnactment],
      "proposal.proposal-rejected": [voting.recordRejection],
      "proposal.proposal-expired": [voting.recordExpiry],
      "proposal.proposal-vetoed": [voting.recordVeto],
      "proposal.proposal-superseded": [voting.recordOutcome("superseded")],
      "proposal.proposal-withdrawn": [voting.recordOutcome("withdrawn")],
      "proposal.proposal-cancelled": [voting.recordOutcome("cancelled")],
      "proposal.approval-voided": [voting.failAsVoid],
    },
    undo: [voting.cancelProposal],
  },
  generating: {
    begins: "deployment-approved",
    does: [step.generate],
    on: {
      "deployment.flake-generated": [step.beginDeploying],
    },
  },
  waiting: {
    begins: "activation-awaited",
    does: [waiting.waitForMoments],
    on: { "deployment.glass-broken": glass.unlessUnreviewed(glass.tellDialog, step.beginDeploying) },
  },
  deploying: {
    begins: "deploying-started",
    does: [waiting.restartClock, ...waiting.unlessFrozen(step.submitDeploy)],
    on: {
      "task.progress-reported": [step.recordStep],
      "deployment.host-step-recorded": [step.tellHost],
      "deployment.glass-broken": glass.unlessUnreviewed(glass.tellDialog, waiting.restartClock),
      "task.task-completed": [step.finishDeploying],
      "task.task-failed": [step.failAsTask],
      "task.task-cancelled": [step.failAsCancelled],
    },
    undoneBy: "rolling-back",
  },
  monitoring: {
    begins: "monitoring-started",
    does: [step.submitMonitor],
    on: {
      "task.task-completed": [step.finishMonitoring],
      "task.task-failed": [step.failAsTask],
      "task.task-cancelled": [step.failAsCancelled],
    },
    undoneBy: "rolling-back",
  },
  succeeded: { begins: "deployment-succeeded", does: [step.tellFormer], undoneBy: "rolling-back" },
  "rolling-back": {
    begins: "rollback-started",
    does: [step.starts(wayBack.rollback), wayBack.cancelTaskOrPutBack],
    on: {
      "task.progress-reported": [step.recordStep],
      "deployment.host-step-recorded": [step.tellHost],
      "task.task-completed": [wayBack.finishRollback],
      "task.task-failed": [wayBack.finishRollback],
      "task.task-cancelled": [wayBack.finishRollback],
    },
  },
  rejected: { begins: "deployment-rejected" },
  failed: { begins: "deployment-failed" },
  cancelled: { begins: "deployment-cancelled" },
  "rolled-back": { begins: "deployment-rolled-back" },
  "rollback-incomplete": {
    begins: "rollback-incomplete",
    does: [wayBack.tellUnrestored, wayBack.cancelTask],
    undoneBy: "rolling-back",
  },
};
