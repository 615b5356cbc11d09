import { HashMap, Option, Schema } from "effect";
import { proposal } from "../../../domain/consensus/decider.ts";
import type { Rules } from "../../../domain/consensus/rules.ts";
import type { Execution, Revision, Settings, Target } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { hostsOf } from "../../../domain/deployment/request.ts";
import { HostStep, type Step } from "../../../domain/deployment/steps.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import { workflowName } from "./name.ts";

/** A host as the deployer's and the rollback's reports leave it. */
export interface ReportedHost {
  readonly host: string;
  readonly step: Step;
  readonly previous: string;
  readonly closure?: string;
}

/** What the workflow knows of a deployment that goes on, or that can still be rolled back. */
export interface Course {
  readonly id: string;
  readonly graph: string;
  readonly target: Target;
  /** What the request says about how it is voted on. */
  readonly wishes: Partial<Pick<Rules, "protocol" | "threshold" | "votingSeconds">>;
  readonly reviewers: ReadonlyArray<string>;
  readonly settings: Settings;
  readonly execution: Execution;
  readonly pinnedVersion: boolean;
  readonly revision: Revision;
  /** False once it has ended in a state that `roll-back` leads out of. */
  readonly underWay: boolean;
  /** Whether its proposal is the workflow's own, not one that somebody else submitted under its id. */
  readonly proposed: boolean;
  /** Its task that is not over. */
  readonly running?: string;
  /** In the order in which they were touched first, as reported: the deployment may not have recorded all of it yet. */
  readonly touched: ReadonlyArray<ReportedHost>;
  readonly rollback?: { readonly attempt: number; readonly task: string };
}

/** Deployments by id, and to which of them each running task belongs. */
export interface WorkflowState {
  readonly courses: HashMap.HashMap<string, Course>;
  readonly tasks: HashMap.HashMap<string, string>;
}

export const initialState: WorkflowState = { courses: HashMap.empty(), tasks: HashMap.empty() };

export const courseOf = (state: WorkflowState, id: string): Course | undefined =>
  Option.getOrUndefined(HashMap.get(state.courses, id));

/** The deployment that a running task belongs to. */
export const courseOfTask = (state: WorkflowState, taskId: string): Course | undefined => {
  const id = Option.getOrUndefined(HashMap.get(state.tasks, taskId));
  return id === undefined ? undefined : courseOf(state, id);
};

/** The deployments under way that were requested before this one and want its graph or one of its hosts. */
export const olderRivals = (state: WorkflowState, course: Course): ReadonlyArray<Course> => {
  const wanted = new Set(hostsOf(course.revision));
  return HashMap.toValues(state.courses).filter(
    (other) =>
      other.id !== course.id &&
      other.underWay &&
      (other.graph === course.graph || hostsOf(other.revision).some((host) => wanted.has(host))),
  );
};

const change = (state: WorkflowState, id: string, update: (course: Course) => Course): WorkflowState => ({
  ...state,
  courses: HashMap.modify(state.courses, id, update),
});

const forget = (state: WorkflowState, id: string): WorkflowState => ({
  ...state,
  courses: HashMap.remove(state.courses, id),
  tasks: HashMap.filter(state.tasks, (deployment) => deployment !== id),
});

const executionOf = ({ activation, hosts, maxParallel }: Execution): Execution => ({
  ...(activation === undefined ? {} : { activation }),
  ...(hosts === undefined ? {} : { hosts }),
  ...(maxParallel === undefined ? {} : { maxParallel }),
});

const evolveByDeployment = (state: WorkflowState, event: RecordedEventOf<typeof deployment.events>): WorkflowState => {
  const { id } = event;
  switch (event.type) {
    case "deployment-requested": {
      const { graph, target, protocol, threshold, reviewers, settings, pinnedVersion } = event.data;
      const { votingSeconds } = settings;
      const { graphVersion, graphDigest, flakeDigest, waves } = event.data;
      const course: Course = {
        ...{ id, graph, target, reviewers, settings, pinnedVersion },
        wishes: {
          ...(protocol === undefined ? {} : { protocol }),
          ...(threshold === undefined ? {} : { threshold }),
          ...(votingSeconds === undefined ? {} : { votingSeconds }),
        },
        execution: executionOf(event.data),
        revision: { graphVersion, graphDigest, flakeDigest, waves },
        underWay: true,
        proposed: false,
        touched: [],
      };
      return { ...state, courses: HashMap.set(state.courses, id, course) };
    }
    case "revision-amended": {
      const { changes: _, ...revision } = event.data;
      return change(state, id, (course) => ({ ...course, revision }));
    }
    case "host-step-recorded":
      return change(state, id, (course) => withReport(course, event.data));
    case "rollback-started": {
      const { attempt, task } = event.data;
      return change(state, id, (course) => ({ ...course, underWay: true, rollback: { attempt, task } }));
    }
    case "deployment-succeeded":
    case "rollback-incomplete":
      return change(state, id, (course) => ({ ...course, underWay: false }));
    case "deployment-rejected":
    case "deployment-failed":
    case "deployment-cancelled":
    case "deployment-rolled-back":
      return forget(state, id);
    default:
      return state;
  }
};

const OfDeployment = Schema.Struct({ deployment: Schema.String });
const isOfDeployment = Schema.is(OfDeployment);
const decodeHostStep = Schema.decodeUnknownOption(HostStep);

/** The report about a host in what an agent reports, if there is one. */
export const hostStepIn = (data: unknown): HostStep | undefined => Option.getOrUndefined(decodeHostStep(data));

/** The first `recorded` of a host counts: a deployer that took over may see what the first one activated. */
const withReport = (course: Course, { host, step, previous, closure }: HostStep): Course => {
  const known = course.touched.find((one) => one.host === host);
  if (known === undefined)
    return step === "recorded" && previous !== undefined
      ? { ...course, touched: [...course.touched, { host, step, previous }] }
      : course;
  const now = step === "recorded" ? known : { ...known, step, ...(closure === undefined ? {} : { closure }) };
  return { ...course, touched: course.touched.map((one) => (one === known ? now : one)) };
};

const withoutRunning = ({ running: _, ...course }: Course): Course => course;

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

export const evolve = (state: WorkflowState, event: RecordedEvent): WorkflowState => {
  if (isEventOf(deployment, event)) return evolveByDeployment(state, event);
  if (isEventOf(task, event)) return evolveByTask(state, event);
  if (isEventOf(proposal, event) && event.type === "proposal-submitted" && event.actor === workflowName)
    return change(state, event.id, (course) => ({ ...course, proposed: true }));
  return state;
};
