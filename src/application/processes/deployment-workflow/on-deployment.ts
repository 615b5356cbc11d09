import type { Schema } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import { deployTaskOf } from "../../../domain/deployment/compensation.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { addSeconds, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give, schedule } from "../actions.ts";
import { fail } from "./fail.ts";
import { beginRollback } from "./rollback.ts";
import { type Course, courseOf, olderRivals, type WorkflowState } from "./state.ts";
import { submitDeploy, submitMonitor } from "./tasks.ts";
import { tellHost, tellUnrestored } from "./tell-host.ts";

const timeoutTimer = (id: string) => `${id}-timeout`;
const discussionTimer = (id: string) => `${id}-discussion`;

const subjectOf = ({ id, graph, revision }: Course) => {
  const { graphVersion, graphDigest, flakeDigest } = revision;
  return { deployment: id, graph, graphVersion, graphDigest, flakeDigest };
};

const titleOf = ({ graph, revision, target }: Course) =>
  `Deploy version ${revision.graphVersion} of ${graph} (${target})`;

/** Two deployments requested at the same moment may not know of each other: the one that comes second in the log fails. */
const failForRival = (state: WorkflowState, course: Course): ReadonlyArray<Action> | undefined => {
  const [rival] = olderRivals(state, course);
  return rival === undefined
    ? undefined
    : [fail(course.id, "deployment-in-progress", `deployment ${rival.id} of graph ${rival.graph} is under way`)];
};

const askReviewers = (course: Course, requestedAt: string): ReadonlyArray<Action> => [
  schedule(timeoutTimer(course.id), addSeconds(requestedAt, course.settings.timeoutSeconds), deployment, course.id, {
    type: "time-out",
    payload: {},
  }),
  give(dialog, course.id, {
    type: "open",
    payload: { type: "group", topic: titleOf(course), participants: course.reviewers, routing: "broadcast" },
  }),
  give(dialog, course.id, {
    type: "say",
    payload: { text: `${titleOf(course)}: please review.`, data: { kind: "review-request", ...subjectOf(course) } },
  }),
  give(deployment, course.id, { type: "begin-discussion", payload: { dialog: course.id } }),
];

/** The vote, by the policy for deployments where the request says nothing else. It was discussed in the dialog. */
const propose = (course: Course): Action => ({
  kind: "operation",
  operation: "propose",
  input: {
    deployment: course.id,
    proposal: {
      kind: "deployment",
      title: titleOf(course),
      subject: { ...subjectOf(course), pinnedVersion: course.pinnedVersion },
      ...course.wishes,
      electorate: course.reviewers,
      // A condition changes what is deployed: it must not depend on who votes first.
      awaitConditions: true,
    },
  },
});

const operation = (name: string, course: Course, more: Readonly<Record<string, Schema.Json>> = {}): Action => ({
  kind: "operation",
  operation: name,
  input: { ...subjectOf(course), pinnedVersion: course.pinnedVersion, ...more },
});

/** A deployment of some hosts stays one of these. */
const amended = ({ execution: { hosts } }: Course) => (hosts === undefined ? {} : { hosts });

/** Nothing of a deployment that is over goes on. */
const cleanUp = (id: string): ReadonlyArray<Action> => [
  cancelTimer(timeoutTimer(id)),
  cancelTimer(discussionTimer(id)),
  give(proposal, id, { type: "cancel", payload: { reason: "the deployment is over" } }),
  give(dialog, id, { type: "close", payload: { reason: "the deployment is over" } }),
];

/** What follows from an event of a deployment: the next step of its way. */
export const onDeployment = (
  state: WorkflowState,
  event: RecordedEventOf<typeof deployment.events>,
): ReadonlyArray<Action> => {
  const { id } = event;
  const course = courseOf(state, id);
  switch (event.type) {
    case "deployment-rejected":
    case "deployment-failed":
    case "deployment-cancelled":
    case "deployment-succeeded":
    case "deployment-rolled-back":
      return cleanUp(id);
    case "rollback-incomplete": {
      const over = [...(course === undefined ? [] : tellUnrestored(course)), ...cleanUp(id)];
      return course?.running === undefined
        ? over
        : [...over, give(task, course.running, { type: "cancel", payload: { reason: "it took too long" } })];
    }
    default:
      return course === undefined ? [] : onCourse(state, course, event);
  }
};

const onCourse = (
  state: WorkflowState,
  course: Course,
  event: RecordedEventOf<typeof deployment.events>,
): ReadonlyArray<Action> => {
  const { id } = course;
  switch (event.type) {
    case "deployment-requested":
      return failForRival(state, course) ?? askReviewers(course, event.time);
    case "discussion-started":
      return [
        schedule(discussionTimer(id), event.data.deadline, deployment, id, { type: "end-discussion", payload: {} }),
      ];
    case "discussion-ended":
      return [
        cancelTimer(discussionTimer(id)),
        give(deployment, id, { type: "begin-voting", payload: { proposal: id } }),
      ];
    case "voting-started":
      return [propose(course)];
    case "deployment-approved": {
      const changes = event.data.conditions.flatMap((condition) => condition.changes ?? []);
      return [
        changes.length === 0
          ? operation("generate", course)
          : operation("amend", course, { changes, ...amended(course) }),
      ];
    }
    case "revision-amended":
      return failForRival(state, course) ?? [operation("generate", course)];
    case "flake-generated":
      return [give(deployment, id, { type: "begin-deploying", payload: { task: deployTaskOf(id) } })];
    case "deploying-started":
      return [submitDeploy(course)];
    case "host-step-recorded":
      return tellHost(course, event);
    case "monitoring-started":
      return [submitMonitor(course)];
    case "rollback-started":
      return beginRollback(course, event.time, event.data.attempt);
    default:
      return [];
  }
};
