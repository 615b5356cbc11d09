import { Option, Schema } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import { authorsIn, type NotedReview } from "../../../domain/consensus/rounds.ts";
import { deployTaskOf, monitorTaskOf } from "../../../domain/deployment/compensation.ts";
import type { deploymentCommands, VoteOutcome } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { HostStep } from "../../../domain/deployment/steps.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import { addSeconds, defined, type PayloadOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { give, submitTask, type Work } from "../actions.ts";
import { breakerOf, type Course, hostStepIn, olderRivals } from "./state.ts";
import { does, type EventAt, gives, type Moment, type Step, type Timer, unless } from "./step.ts";
import { deployWork, monitorWork, titleOf } from "./work.ts";

export { starts, stops } from "./step.ts";

// The timers.

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

export const fail = (course: Course, payload: PayloadOf<typeof deploymentCommands, "fail">): Action =>
  give(deployment, course.id, { type: "fail", payload });

/**
 * The steps, unless an older deployment wants the same graph or one of the same hosts. Two deployments that are
 * requested at the same moment do not see each other then: of those the one that is second in the log fails.
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

/** What an agent said about its failure, in one line. */
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

export const failAsVoid: Step<EventAt<"proposal.approval-voided">> = gives("fail", ({ event }) => ({
  reason: "approval-void",
  detail: event.data.detail,
}));

// Discussing.

/** A dialog that somebody else opened at the same moment ends the deployment: its reviewers might not be in it. */
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

const subjectOf = ({ id, graph, revision }: Course) => {
  const { graphVersion, graphDigest, flakeDigest } = revision;
  return { deployment: id, graph, graphVersion, graphDigest, flakeDigest };
};

/** What a vote is bound to. */
export const pinnedOf = (course: Course) => ({ ...subjectOf(course), pinnedVersion: course.pinnedVersion });

export const askForReviews = does("asks them for reviews", ({ course }) => [
  give(dialog, course.id, {
    type: "say",
    payload: { text: `${titleOf(course)}: please review.`, data: { kind: "review-request", ...subjectOf(course) } },
  }),
]);

export const closeDialog = does("closes the dialog", ({ course }) => [
  give(dialog, course.id, { type: "close", payload: { reason: "the deployment is over" } }),
]);

export const beginDiscussion = gives("begin-discussion", ({ course }) => ({ dialog: course.id }));

// Voting.

export const beginVoting = gives("begin-voting", ({ course }) => ({ proposal: course.id }));

const operation = (name: string, input: Schema.Json): Action => ({ kind: "operation", operation: name, input });

/** The vote, by the policy for deployments unless the request says something else. */
export const putToVote = does(
  "puts the revision to the vote; `fail` if the policy refuses that",
  ({ course }) => [
    operation("propose", {
      deployment: course.id,
      proposal: {
        kind: "deployment",
        title: titleOf(course),
        subject: pinnedOf(course),
        ...course.wishes,
        electorate: course.reviewers,
        excluded: course.excluded,
        reviews: course.reviews,
        ...defined({ glass: breakerOf(course) }),
      },
    }),
  ],
  ["fail"],
);

const note = (course: Course, review: NotedReview): Action =>
  give(
    proposal,
    course.id,
    { type: "note-review", payload: { subject: pinnedOf(course), review } },
    `note-review.${review.reviewer}`,
  );

/** The vote waits for reviews that are required, and a blocking one is a veto. */
export const noteReview: Step<EventAt<"deployment.review-recorded">> = does(
  "notes the review in the proposal",
  ({ course, event }) =>
    course.proposed
      ? course.reviews.filter(({ reviewer }) => reviewer === event.data.reviewer).map((one) => note(course, one))
      : [],
);

/** Reviews that came while the revision was being put to the vote. */
export const noteReviews: Step<EventAt<"proposal.proposal-submitted">> = does(
  "notes the reviews that came meanwhile",
  ({ course, event: { data } }) => {
    const known = new Set((data.reviews ?? []).map((one) => JSON.stringify(one)));
    return course.reviews.filter((one) => !known.has(JSON.stringify(one))).map((one) => note(course, one));
  },
);

/** A deployment of some hosts stays one of these. */
export const amend: Step<EventAt<"proposal.round-ended">> = does(
  "`amend` with the changes that the round wants, in the name of the voters; `fail` if they cannot be made",
  ({ course, event: { data } }) => {
    const { round, conditions } = data;
    const offered = course.reviews.flatMap(({ remedies }) => remedies);
    const authors = authorsIn({ offered }, conditions);
    const { requestedBy, target, insisted, execution } = course;
    return [
      operation("amend", {
        ...pinnedOf(course),
        ...defined({ round, conditions, authors, requestedBy, target, insisted, hosts: execution.hosts }),
      }),
    ];
  },
  ["amend", "fail"],
);

/** Earlier ballots are not for this revision. */
export const openRound: Step<EventAt<"deployment.revision-amended">> = does(
  "opens the next round on the amended revision; `fail` if nobody is left who may vote",
  ({ course, event: { data } }) => [
    {
      ...give(proposal, course.id, {
        type: "open-round",
        payload: { round: (data.round ?? 0) + 1, subject: pinnedOf(course) },
      }),
      otherwise: fail(course, {
        reason: "no-other-eyes",
        detail: "nobody is left who may vote on what the conditions made of the graph",
      }),
    },
  ],
  ["fail"],
);

/**
 * An approval counts once it is enacted: until then it can be vetoed. It is one of what the round was about, by the
 * proposal's own events.
 */
export const recordEnactment: Step<EventAt<"proposal.proposal-enacted">> = does(
  "`record-decision`; `fail` if the ballots were for another revision",
  ({ course, event }) => {
    const { outcome, tally, conditions } = event.data;
    const { id, bound: counted, blockingVetoes } = course;
    const payload = { outcome, tally, conditions, blockingVetoes, ...defined({ counted }) };
    const detail = "the ballots that were counted were for another revision than the one to deploy";
    return [
      {
        ...give(deployment, id, { type: "record-decision", payload }),
        otherwise: fail(course, { reason: "not-what-was-counted", detail }),
      },
    ];
  },
  ["record-decision", "fail"],
);

/** The last round that the policy allows still wanted changes. */
const roundsExhausted = "the last round that the policy allows still ended with conditions that change the graph";

/** A vote that was counted and did not approve. */
export const recordRejection: Step<EventAt<"proposal.proposal-rejected">> = gives("record-decision", ({ event }) => {
  const { tally, reason } = event.data;
  const detail = reason === "rounds-exhausted" ? roundsExhausted : undefined;
  return { outcome: "rejected", tally, conditions: [], ...defined({ detail }) };
});

/** A vote without a quorum, or without a review that the policy requires. */
export const recordExpiry: Step<EventAt<"proposal.proposal-expired">> = gives("record-decision", ({ event }) => {
  const { tally, missingReviews = [] } = event.data;
  const names = missingReviews.map((reviewer) => `\`${reviewer}\``).join(", ");
  const detail = names === "" ? undefined : `the policy requires a review by ${names}, and there is none`;
  return { outcome: "expired", tally, conditions: [], ...defined({ detail }) };
});

/** A veto of a holder, or a finding that blocks. */
export const recordVeto: Step<EventAt<"proposal.proposal-vetoed">> = gives("record-decision", ({ event }) => {
  const { by, reason, findings } = event.data;
  return { outcome: "vetoed", conditions: [], detail: findings === undefined ? `${by}: ${reason}` : reason };
});

/** A vote that was stopped. */
export const recordOutcome = (outcome: VoteOutcome): Step =>
  gives("record-decision", () => ({ outcome, conditions: [] }));

/** Why the deployment is over, for those who vote on it. */
const endOf = ({ event }: Moment): string =>
  event.aggregate === deployment.name && event.type === "deployment-failed"
    ? [event.data.reason, event.data.detail].filter((part) => part !== undefined).join(": ")
    : "the deployment is over";

export const cancelProposal = does("cancels the proposal", (moment) => [
  give(proposal, moment.course.id, { type: "cancel", payload: { reason: endOf(moment) } }),
]);

// Generating.

/**
 * An older backend may have approved with changes of the graph, and ended before it made them. Nobody has voted on the
 * graph with them.
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

/** Submits a task. One that cannot be made ends the deployment at once, not at its time limit. */
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

/** The deployer is done; the deployment itself sees whether every host is confirmed. */
export const finishDeploying = gives("finish-deploying", ({ course }) => ({ task: monitorTaskOf(course.id) }));

export const submitMonitor: Step<EventAt<"deployment.monitoring-started">> = does(
  "task `monitor` for an agent that can",
  ({ course, event }) => [submitOrFail(course, event.data.task, monitorWork(course))],
);

export const finishMonitoring = gives("finish-monitoring", () => ({}));

/** What a host's new state means for the host itself. */
export const tellHost: Step<EventAt<"deployment.host-step-recorded">> = does(
  "tells the host",
  ({ course, event: { data } }) => {
    const { id, graph, target, revision, execution, touched } = course;
    const plan = revision.waves.flat().find((one) => one.host === data.host);
    const known = touched.find((one) => one.host === data.host);
    if (plan === undefined || known === undefined) return [];
    const { previous } = known;
    if (data.step === "recorded") return [give(host, data.host, { type: "begin-change", payload: { deployment: id } })];
    if (data.step === "reverted")
      return [give(host, data.host, { type: "record-reverted", payload: { deployment: id, closure: previous } })];
    const closure = data.closure ?? known.closure;
    if (data.step !== "confirmed" || closure === undefined) return [];
    const { address, system, ssh, nodes = [], checks } = plan;
    const placement = { graph, graphVersion: revision.graphVersion, nodes, checks };
    const reach = defined({ address, system, target, ssh });
    const deployed = defined({ deployment: id, closure, previous, placement, activation: execution.activation });
    return [
      give(host, data.host, { type: "enrol", payload: { ...reach, graph } }),
      give(host, data.host, { type: "record-deployed", payload: deployed }),
    ];
  },
);
