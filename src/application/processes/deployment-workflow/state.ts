import { HashMap, Option, Schema, Struct } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import type { BrokenGlass, Excluded, NotedReview, Subject } from "../../../domain/consensus/rounds.ts";
import type { Rules } from "../../../domain/consensus/rules.ts";
import type { DeploymentStatus, Revision, Settings, Target } from "../../../domain/deployment/contract.ts";
import type { DataFate } from "../../../domain/deployment/data/fate.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import type { Execution } from "../../../domain/deployment/execution.ts";
import { type GlassBroken, glassFor } from "../../../domain/deployment/glass.ts";
import { allowedFrom, isOver, statusAfter } from "../../../domain/deployment/lifecycle.ts";
import type { ForeignHost } from "../../../domain/deployment/ownership.ts";
import { notedReview } from "../../../domain/deployment/review.ts";
import { isRival, machinesWith } from "../../../domain/deployment/rivals.ts";
import { HostStep, type Step } from "../../../domain/deployment/steps.ts";
import { hostsOf, machinesOf, type ReachedHost } from "../../../domain/deployment/waves.ts";
import { defined, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";

/** The principal of the workflow's commands. */
export const workflowName = "deployment-workflow";

/** A host, according to the reports of the deployer and of the rollback. */
export interface ReportedHost {
  readonly host: string;
  readonly step: Step;
  readonly previous: string;
  readonly closure?: string;
}

export const notReverted = ({ step }: ReportedHost): boolean => step !== "reverted";

/** A revision, by its digests. */
type Digests = Pick<Revision, "graphDigest" | "flakeDigest">;

/** What the workflow knows about a deployment that is open, or that can still be rolled back. */
export interface Course {
  readonly id: string;
  readonly phase: DeploymentStatus;
  readonly graph: string;
  readonly target: Target;
  /** The voting rules in the request. */
  readonly wishes: Partial<Pick<Rules, "protocol" | "threshold" | "votingSeconds">>;
  readonly reviewers: ReadonlyArray<string>;
  readonly requestedBy: string;
  /** Whether it continues even if its revision was rolled back before. */
  readonly insisted: boolean;
  /** The principals without a vote, because they are authors. */
  readonly excluded: ReadonlyArray<Excluded>;
  /** The newest review of each reviewer of this revision. */
  readonly reviews: ReadonlyArray<NotedReview>;
  /** The reviewers that have reviewed this revision more than once. */
  readonly again: ReadonlyArray<string>;
  readonly settings: Settings;
  readonly execution: Execution;
  /** How its hosts were reached before. */
  readonly reached?: ReadonlyArray<ReachedHost>;
  readonly pinnedVersion: boolean;
  readonly revision: Revision;
  /** The effects of the revision on data, and the nodes whose data may be lost. */
  readonly data?: ReadonlyArray<DataFate>;
  readonly acceptDataLoss?: ReadonlyArray<string>;
  /** The inputs to pin before the review; absent once they are pinned. */
  readonly toPin?: Readonly<Record<string, string>>;
  /** The inputs that stay unpinned. */
  readonly unpinned?: ReadonlyArray<string>;
  /** The hosts that it takes over from other graphs, or that its graph had under another id. */
  readonly takeOver: ReadonlyArray<ForeignHost>;
  /** Whether the workflow itself submitted the proposal under its id. */
  readonly proposed: boolean;
  /** The digests that the ballots of the newest round are bound to, by the proposal's own events. */
  readonly bound?: Digests;
  /** Whether blocking findings are a veto under the proposal's rules. */
  readonly blockingVetoes: boolean;
  /** The reviewers whose reviews these rules require. */
  readonly requiredReviews: ReadonlyArray<string>;
  /** Its unfinished task. */
  readonly running?: string;
  /** The touched hosts in the order of their first report. The deployment may not have recorded all of them yet. */
  readonly touched: ReadonlyArray<ReportedHost>;
  /** The number of restarts of its time limit, and the start of the current one. */
  readonly clock: { readonly starts: number; readonly since: string };
  readonly rollback?: { readonly attempt: number; readonly task: string };
  /** The newest break-glass. */
  readonly glass?: GlassBroken;
}

/** The deployments by id, and the deployment of each running task. */
export interface WorkflowState {
  readonly courses: HashMap.HashMap<string, Course>;
  readonly tasks: HashMap.HashMap<string, string>;
  /** The freezes in force, with their starts. */
  readonly freezes: HashMap.HashMap<string, string>;
  /** The deployments whose broken glass still waits for its review, including ended deployments. */
  readonly unreviewed: HashMap.HashMap<string, true>;
  /** The deployment that the newest event ended for good. Only its clean-up remains. */
  readonly ended?: Course;
}

export const initialState: WorkflowState = {
  courses: HashMap.empty(),
  tasks: HashMap.empty(),
  freezes: HashMap.empty(),
  unreviewed: HashMap.empty(),
};

/** Returns another deployment whose glass was broken before and whose review is still open. */
export const unreviewedBefore = ({ unreviewed }: WorkflowState, { id }: Course): string | undefined =>
  [...HashMap.keys(unreviewed)].find((other) => other !== id);

/** Returns who broke the glass for the current revision of a deployment, and why; undefined if nobody did. */
export const breakerOf = ({ glass, revision }: Course): BrokenGlass | undefined => {
  const broken = glassFor(glass, revision);
  return broken && Struct.pick(broken, ["by", "reason"]);
};

export const courseOf = ({ courses, ended }: WorkflowState, id: string): Course | undefined =>
  Option.getOrElse(HashMap.get(courses, id), () => (ended?.id === id ? ended : undefined));

/** Returns the deployment of a running task. */
export const courseOfTask = (state: WorkflowState, taskId: string): Course | undefined => {
  const id = Option.getOrUndefined(HashMap.get(state.tasks, taskId));
  return id === undefined ? undefined : courseOf(state, id);
};

/** Returns the open deployments that were requested earlier and want the same graph or one of the same hosts. */
export const olderRivals = (state: WorkflowState, course: Course): ReadonlyArray<Course> => {
  const wanted = changedBy(course);
  return HashMap.toValues(state.courses).filter(
    (other) => other.id !== course.id && !isOver(other.phase) && isRival(wanted, changedBy(other)),
  );
};

const changedBy = ({ graph, target, revision }: Course) => ({
  graph,
  hosts: hostsOf(revision),
  machines: machinesWith(target, machinesOf(revision)),
});

const change = (state: WorkflowState, id: string, update: (course: Course) => Course): WorkflowState => ({
  ...state,
  courses: HashMap.modify(state.courses, id, update),
});

const forget = (state: WorkflowState, id: string): WorkflowState =>
  defined({
    ...state,
    courses: HashMap.remove(state.courses, id),
    tasks: HashMap.filter(state.tasks, (deployment) => deployment !== id),
    ended: courseOf(state, id),
  });

const begun = ({
  id,
  data,
  time,
}: RecordedEventOf<typeof deployment.events> & { type: "deployment-requested" }): Course => {
  const { graph, target, protocol, threshold, reviewers, settings, pinnedVersion, requestedBy, excluded = [] } = data;
  const { graphVersion, graphDigest, flakeDigest, waves, activation, hosts, maxParallel, acceptRemovals, reboot } =
    data;
  return {
    id,
    phase: "requested",
    graph,
    target,
    wishes: defined({ protocol, threshold, votingSeconds: settings.votingSeconds }),
    reviewers,
    requestedBy,
    insisted: data.insisted !== undefined,
    excluded,
    reviews: [],
    again: [],
    settings,
    execution: defined({ activation, hosts, maxParallel, acceptRemovals, reboot }),
    pinnedVersion,
    revision: { graphVersion, graphDigest, flakeDigest, waves },
    ...defined(Struct.pick(data, ["data", "acceptDataLoss", "toPin", "unpinned"])),
    takeOver: data.takeOver ?? [],
    proposed: false,
    blockingVetoes: true,
    requiredReviews: [],
    touched: [],
    clock: { starts: 0, since: time },
  };
};

/** Returns whether a phase is final and leaves nothing to roll back. */
const isGone = (phase: DeploymentStatus): boolean =>
  isOver(phase) && !allowedFrom["roll-back"].some((one) => one === phase);

const withNews = (course: Course, event: RecordedEventOf<typeof deployment.events>): Course => {
  switch (event.type) {
    case "review-recorded": {
      const { reviewer, revision = course.revision.graphDigest, findings } = event.data;
      if (revision !== course.revision.graphDigest) return course;
      const others = course.reviews.filter((one) => one.reviewer !== reviewer);
      const again = others.length === course.reviews.length ? course.again : [...course.again, reviewer];
      return { ...course, reviews: [...others, notedReview(reviewer, findings)], again };
    }
    case "revision-amended": {
      const revision = Struct.pick(event.data, ["graphVersion", "graphDigest", "flakeDigest", "waves"]);
      const { data } = event.data;
      return { ...Struct.omit(course, ["data", "toPin"]), ...defined({ data }), revision, reviews: [], again: [] };
    }
    case "host-step-recorded":
      return withReport(course, event.data);
    // The freeze that held it on its hosts no longer applies, so its time limit starts again.
    case "glass-broken": {
      const { starts } = course.clock;
      const clock = course.phase === "deploying" ? { starts: starts + 1, since: event.time } : course.clock;
      return { ...course, clock, glass: event.data };
    }
    case "deploying-started":
      return {
        ...course,
        ...defined({ reached: event.data.reached }),
        ...(course.phase === "waiting" ? { clock: { starts: course.clock.starts + 1, since: event.time } } : {}),
      };
    case "rollback-started":
      return { ...course, rollback: Struct.pick(event.data, ["attempt", "task"]) };
    default:
      return course;
  }
};

/** Tracks the review of a broken glass, which may outlast its deployment. */
const withReviewOf = (state: WorkflowState, { id, type }: RecordedEventOf<typeof deployment.events>): WorkflowState => {
  if (type === "glass-broken") return { ...state, unreviewed: HashMap.set(state.unreviewed, id, true) };
  return type === "glass-review-closed" ? { ...state, unreviewed: HashMap.remove(state.unreviewed, id) } : state;
};

const evolveByDeployment = (state: WorkflowState, event: RecordedEventOf<typeof deployment.events>): WorkflowState => {
  const { id } = event;
  if (event.type === "deployment-requested") return { ...state, courses: HashMap.set(state.courses, id, begun(event)) };
  const next = change(withReviewOf(state, event), id, (course) => {
    const { phase } = course;
    return { ...withNews(course, event), phase: statusAfter(event.type) ?? phase };
  });
  const phase = courseOf(next, id)?.phase;
  return phase !== undefined && isGone(phase) ? forget(next, id) : next;
};

const OfDeployment = Schema.Struct({ deployment: Schema.String });
const isOfDeployment = Schema.is(OfDeployment);
const decodeHostStep = Schema.decodeUnknownOption(HostStep);

/** Returns the host report in an agent's progress; undefined if there is none. */
export const hostStepIn = (data: unknown): HostStep | undefined => Option.getOrUndefined(decodeHostStep(data));

/**
 * Only the first `recorded` of a host counts. A deployer that takes over would report the closure that the first
 * deployer activated.
 */
const withReport = (course: Course, { host, step, previous, closure }: HostStep): Course => {
  const known = course.touched.find((one) => one.host === host);
  if (known === undefined)
    return step === "recorded" && previous !== undefined
      ? { ...course, touched: [...course.touched, { host, step, previous }] }
      : course;
  const now = step === "recorded" ? known : { ...known, step, ...defined({ closure }) };
  return { ...course, touched: course.touched.map((one) => (one === known ? now : one)) };
};

const withoutRunning = (course: Course): Course => Struct.omit(course, ["running"]);

const evolveByTask = (state: WorkflowState, event: RecordedEventOf<typeof task.events>): WorkflowState => {
  if (event.type === "task-submitted") {
    const { payload } = event.data;
    if (event.actor !== workflowName || !isOfDeployment(payload)) return state;
    const id = payload.deployment;
    const tasks = HashMap.set(state.tasks, event.id, id);
    return change({ ...state, tasks }, id, (course) => ({ ...course, running: event.id }));
  }
  const course = courseOfTask(state, event.id);
  if (course === undefined) return state;
  switch (event.type) {
    case "progress-reported": {
      const report = hostStepIn(event.data.data);
      return report === undefined ? state : change(state, course.id, () => withReport(course, report));
    }
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return change(state, course.id, (one) => (one.running === event.id ? withoutRunning(one) : one));
    default:
      return state;
  }
};

const Bound = Schema.Struct({ graphDigest: Schema.String, flakeDigest: Schema.String });
const decodeBound = Schema.decodeUnknownOption(Bound);

const boundTo = (course: Course, subject: Subject): Course => {
  const bound = Option.getOrUndefined(
    Option.map(decodeBound(subject), ({ graphDigest, flakeDigest }) => ({ graphDigest, flakeDigest })),
  );
  return { ...course, ...defined({ bound }) };
};

/** Tracks the subjects of the workflow's own proposals, round by round. */
const evolveByProposal = (state: WorkflowState, event: RecordedEventOf<typeof proposal.events>): WorkflowState => {
  if (event.type === "proposal-submitted" && event.actor === workflowName)
    return change(state, event.id, (course) => {
      const { subject, blockingVetoes = true, requiredReviews = [] } = event.data;
      return { ...boundTo(course, subject), proposed: true, blockingVetoes, requiredReviews };
    });
  if (event.type !== "round-opened") return state;
  return change(state, event.id, (course) => (course.proposed ? boundTo(course, event.data.subject) : course));
};

const fold = (state: WorkflowState, event: RecordedEvent): WorkflowState => {
  if (isEventOf(deployment, event)) return evolveByDeployment(state, event);
  if (isEventOf(task, event)) return evolveByTask(state, event);
  return isEventOf(proposal, event) ? evolveByProposal(state, event) : state;
};

export const evolve = (state: WorkflowState, event: RecordedEvent): WorkflowState =>
  fold(state.ended === undefined ? state : Struct.omit(state, ["ended"]), event);
