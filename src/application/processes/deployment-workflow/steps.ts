import { Option, Schema } from "effect";
import { deployTaskOf, monitorTaskOf } from "../../../domain/deployment/compensation.ts";
import { HostStep } from "../../../domain/deployment/steps.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import { addSeconds, defined } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { give, submitTask, type Work } from "../actions.ts";
import { type Course, hostStepIn, olderRivals } from "./state.ts";
import { does, type EventAt, fail, gives, operation, type Step, type Timer, unless } from "./step.ts";
import { activationOf, deployWork, monitorWork, pinnedOf, riskText, subjectOf, titleOf } from "./work.ts";

export { starts, stops } from "./step.ts";

// Timers.

export const timeout: Timer = {
  text: "`timeoutSeconds` after the request",
  gives: "time-out",
  id: ({ id, clock: { starts } }) => (starts === 0 ? `${id}-timeout` : `${id}-timeout-${starts}`),
  at: ({ course, event }) => addSeconds(event.time, course.settings.timeoutSeconds),
  command: () => ({ type: "time-out", payload: {} }),
};

export const discussion: Timer<EventAt<"deployment.discussion-started">> = {
  text: "`discussionSeconds` after it",
  gives: "end-discussion",
  id: ({ id }) => `${id}-discussion`,
  at: ({ event }) => event.data.deadline,
  command: () => ({ type: "end-discussion", payload: {} }),
};

// Failures.

/**
 * Returns the steps, unless an older deployment wants the same graph or one of the same hosts. Two deployments that are
 * requested at the same moment cannot see each other when they are decided. So the check is repeated here in the order
 * of the log, and the second one fails.
 */
export const unlessRivalled = (...steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  unless(
    "`fail`, and nothing else, if an older deployment wants its graph or hosts",
    ({ state, course }) => olderRivals(state, course)[0],
    (rival, { course }) =>
      fail(course, {
        reason: "deployment-in-progress",
        detail: `deployment ${rival.id} of graph ${rival.graph} is under way`,
      }),
    steps,
  );

const FailureData = Schema.Struct({
  host: Schema.optionalKey(Schema.String),
  step: Schema.optionalKey(Schema.String),
  node: Schema.optionalKey(Schema.String),
  detail: Schema.optionalKey(Schema.String),
});
const decodeFailureData = Schema.decodeUnknownOption(FailureData);
const decodeFailurePlace = Schema.decodeUnknownOption(
  HostStep.mapFields(({ host, step, log }) => ({
    host: Schema.optionalKey(host),
    step: Schema.optionalKey(step),
    log,
  })),
);

/** Returns an agent's explanation of its failure, in one line. */
const failureDetail = (data: unknown): string | undefined => {
  const said = Option.getOrUndefined(decodeFailureData(data));
  if (said === undefined) return undefined;
  const { host, node, step, detail } = said;
  const place = [host && `host ${host}`, node && `node ${node}`, step && `step ${step}`].filter(Boolean).join(", ");
  const line = [place, detail].filter((part) => part !== undefined && part !== "").join(": ");
  return line === "" ? undefined : line;
};

export const failAsTask: Step<EventAt<"task.task-failed">> = gives("fail", ({ event }) => {
  const { reason, data } = event.data;
  const place = Option.getOrElse(decodeFailurePlace(data), () => ({}));
  return { reason, ...defined({ detail: failureDetail(data) }), ...place };
});

export const failAsCancelled: Step<EventAt<"task.task-cancelled">> = gives("fail", ({ event }) => ({
  reason: "task-cancelled",
  detail: `task ${event.id} was cancelled by ${event.data.by}`,
}));

// Discussing.

/**
 * If a client opened a dialog of that id at the same moment, the deployment ends, because its reviewers might not be in
 * that dialog.
 */
export const openDialog = does(
  "opens a dialog with the reviewers; `fail` if there is one of that id",
  ({ course }) => [
    {
      ...give(dialog, course.id, {
        type: "open",
        payload: { type: "group", topic: titleOf(course), participants: course.reviewers, routing: "broadcast" },
      }),
      otherwise: fail(course, { reason: "id-taken", detail: `somebody else has opened dialog ${course.id}` }),
    },
  ],
  ["fail"],
);

export const askForReviews = does("asks them for reviews", ({ course }) => [
  give(dialog, course.id, {
    type: "say",
    payload: {
      text: `${titleOf(course)}: please review.${riskText(course)}`,
      data: { kind: "review-request", ...subjectOf(course) },
    },
  }),
]);

export const closeDialog = does("closes the dialog", ({ course }) => [
  give(dialog, course.id, { type: "close", payload: { reason: "the deployment is over" } }),
]);

export const beginDiscussion = gives("begin-discussion", ({ course }) => ({ dialog: course.id }));

// Generating.

/**
 * Generates the flake. An older backend may have approved with changes of the graph, and stopped before it applied
 * them. Nobody has voted on the graph with these changes.
 */
export const generate: Step<EventAt<"deployment.deployment-approved">> = does(
  "`record-generated` from the stored flake; `fail` if it or the graph is not what was decided on",
  ({ course, event }) =>
    event.data.conditions.some(({ changes = [] }) => changes.length > 0)
      ? [fail(course, { reason: "approval-void", detail: "its approval has changes that were not voted on" })]
      : [operation("generate", pinnedOf(course))],
  ["record-generated", "fail"],
);

export const beginDeploying = gives("begin-deploying", ({ course }) => ({ task: deployTaskOf(course.id) }));

// Deploying and monitoring.

/**
 * Returns the action that submits a task. If the task cannot be created, the deployment ends at once instead of at its
 * time limit.
 */
const submitOrFail = (course: Course, id: string, work: Work): Action => ({
  ...submitTask(id, work),
  otherwise: fail(course, { reason: "task-not-submitted", detail: `task ${id} could not be submitted` }),
});

export const submitDeploy: Step<EventAt<"deployment.deploying-started">> = does(
  "task `deploy` for an agent that can",
  ({ course, event }) => [submitOrFail(course, event.data.task, deployWork(course))],
);

export const recordStep: Step<EventAt<"task.progress-reported">> = gives("record-step", ({ event }) =>
  hostStepIn(event.data.data),
);

/** The deployer has finished. The deployment checks whether every host is confirmed. */
export const finishDeploying = gives("finish-deploying", ({ course }) => ({ task: monitorTaskOf(course.id) }));

export const submitMonitor: Step<EventAt<"deployment.monitoring-started">> = does(
  "task `monitor` for an agent that can",
  ({ course, event }) => [submitOrFail(course, event.data.task, monitorWork(course))],
);

export const finishMonitoring = gives("finish-monitoring", () => ({}));

/** Returns the former ids of a host's machine. */
export const formerIds = ({ takeOver }: Course, id: string): ReadonlyArray<string> =>
  takeOver.flatMap(({ host: taken, as }) => (taken === id && as !== undefined ? [as] : []));

/**
 * Ends the former host ids of machines that were taken over. This waits for success, because a rollback restores the
 * former hosts.
 */
export const tellFormer = does("informs the hosts whose machines it took over under other ids", ({ course }) =>
  course.takeOver.flatMap(({ host: taken, as }) =>
    as === undefined
      ? []
      : [
          give(
            host,
            as,
            { type: "record-taken-over", payload: { deployment: course.id, graph: course.graph, host: taken } },
            `${as}.record-taken-over`,
          ),
        ],
  ),
);

/** Records a host's step in the host itself, and in the hosts that its machine was before. */
export const tellHost: Step<EventAt<"deployment.host-step-recorded">> = does(
  "informs the host",
  ({ course, event: { data } }) => {
    const { id, graph, target, revision, touched } = course;
    const plan = revision.waves.flat().find((one) => one.host === data.host);
    const known = touched.find((one) => one.host === data.host);
    if (plan === undefined || known === undefined) return [];
    const { previous } = known;
    const former = formerIds(course, data.host);
    if (data.step === "recorded")
      return [
        give(host, data.host, { type: "begin-change", payload: { deployment: id } }),
        ...former.map((as) =>
          give(host, as, { type: "begin-change", payload: { deployment: id } }, `${as}.begin-change`),
        ),
      ];
    if (data.step === "reverted") {
      const reverted = { type: "record-reverted", payload: { deployment: id, closure: previous } } as const;
      return [
        give(host, data.host, reverted),
        ...former.map((as) => give(host, as, reverted, `${as}.record-reverted`)),
      ];
    }
    const closure = data.closure ?? known.closure;
    if (data.step !== "confirmed" || closure === undefined) return [];
    const { address, system, ssh, nodes = [], checks } = plan;
    const placement = { graph, graphVersion: revision.graphVersion, nodes, checks };
    const reach = defined({ address, system, target, ssh });
    const deployed = defined({ deployment: id, closure, previous, placement, activation: activationOf(course) });
    return [
      give(host, data.host, { type: "enrol", payload: { ...reach, graph } }),
      give(host, data.host, { type: "record-deployed", payload: deployed }),
    ];
  },
);
