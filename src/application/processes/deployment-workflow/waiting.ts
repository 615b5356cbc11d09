import { HashMap } from "effect";
import type { Waiting } from "../../../domain/deployment/activation.ts";
import { deployTaskOf } from "../../../domain/deployment/compensation.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { glassFor, passesFreeze } from "../../../domain/deployment/glass.ts";
import { isOver } from "../../../domain/deployment/lifecycle.ts";
import { hostsOf } from "../../../domain/deployment/waves.ts";
import type { freeze } from "../../../domain/freeze/decider.ts";
import { freezesOn, scopeText } from "../../../domain/freeze/scope.ts";
import { addSeconds, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give, schedule } from "../actions.ts";
import type { Course, WorkflowState } from "./state.ts";
import { does, type EventAt, type Step, unless } from "./step.ts";
import { timeout } from "./steps.ts";

// What keeps a deployment from starting on its hosts, or holds it there: freezes, change windows, and expiring
// approvals.

/** Asks the deployment again to begin. It begins, continues to wait, or fails. */
const askAgain = ({ id }: Course): Action =>
  give(deployment, id, { type: "begin-deploying", payload: { task: deployTaskOf(id) } }, `${id}.begin-deploying`);

const askAgainAt = ({ id }: Course, name: string, at: string): Action =>
  schedule(`${id}-${name}-${Date.parse(at)}`, at, deployment, id, {
    type: "begin-deploying",
    payload: { task: deployTaskOf(id) },
  });

/**
 * Schedules the question twice. The clock of a backend may be behind the server's, so that the moment has not come yet
 * when it asks first.
 */
const surely = (course: Course, name: string, at: string): ReadonlyArray<Action> => [
  askAgainAt(course, name, at),
  askAgainAt(course, name, addSeconds(at, 10)),
];

const momentsOf = ({ for: obstacles, expiresAt }: Waiting, course: Course): ReadonlyArray<Action> => [
  ...obstacles.flatMap((obstacle) => (obstacle.is === "window" ? surely(course, "window", obstacle.opensAt) : [])),
  ...(expiresAt === undefined ? [] : surely(course, "approval-expires", addSeconds(expiresAt, 0.001))),
];

/** Stops the time limit while the deployment waits. */
export const waitForMoments: Step<EventAt<"deployment.activation-awaited">> = does(
  "the time limit stands still; `begin-deploying` again when its window opens, what is frozen is lifted, the policy changes, or its approval expires",
  ({ course, event }) => [cancelTimer(timeout.id(course)), ...momentsOf(event.data, course)],
  ["begin-deploying"],
);

const startClock = (course: Course, at: string): Action =>
  schedule(
    timeout.id(course),
    addSeconds(at, course.settings.timeoutSeconds),
    deployment,
    course.id,
    timeout.command(course),
  );

/** After a wait, the deployment gets its full time limit. */
export const restartClock = does("the time limit begins again if it has waited", ({ course, event }) =>
  course.clock.starts > 0 && course.clock.since === event.time ? [startClock(course, event.time)] : [],
);

const isHit = (course: Course, freezeId: string): boolean =>
  freezesOn({ graph: course.graph, hosts: hostsOf(course.revision) }).includes(freezeId);

/** Returns the freezes that hold a deployment, except those that were in force when its glass was broken. */
const freezesOnCourse = ({ freezes }: WorkflowState, course: Course): ReadonlyArray<string> => {
  const glass = glassFor(course.glass, course.revision);
  return [...freezes].flatMap(([id, since]) => (isHit(course, id) && !passesFreeze(glass, { id, since }) ? [id] : []));
};

const frozen = (course: Course, freezeId: string, reason: string, by: string): Action =>
  give(
    deployment,
    course.id,
    { type: "fail", payload: { reason: "frozen", detail: `${scopeText(freezeId)} was frozen by ${by}: ${reason}` } },
    `${course.id}.frozen`,
  );

/** Returns the steps, unless a freeze hit the deployment at the very moment of its start. */
export const unlessFrozen = (...steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  unless(
    "`fail`, and nothing else, if it was frozen in the same moment",
    ({ state, course }) => freezesOnCourse(state, course)[0],
    (freeze, { course }) => frozen(course, freeze, "in the same moment", "an operator"),
    steps,
  );

const isOnHosts = ({ phase }: Course): boolean => phase === "deploying" || phase === "monitoring";

type FreezeEvent = RecordedEventOf<typeof freeze.events>;

/** Returns the open deployments that a freeze concerns. */
const hitBy = ({ courses }: WorkflowState, { id }: FreezeEvent): ReadonlyArray<Course> =>
  HashMap.toValues(courses).filter((course) => !isOver(course.phase) && isHit(course, id));

/** Tracks the freezes. A deployment that is released on its hosts gets a new clock. */
export const evolveByFreeze = (state: WorkflowState, event: FreezeEvent): WorkflowState => {
  if (event.type === "frozen") return { ...state, freezes: HashMap.set(state.freezes, event.id, event.time) };
  if (event.type !== "unfrozen") return state;
  const lifted = { ...state, freezes: HashMap.remove(state.freezes, event.id) };
  const goOn = hitBy(lifted, event).filter(
    (course) =>
      isOnHosts(course) && freezesOnCourse(state, course).length > 0 && freezesOnCourse(lifted, course).length === 0,
  );
  const restarted = ({ clock, ...course }: Course): Course => ({
    ...course,
    clock: { starts: clock.starts + 1, since: event.time },
  });
  return {
    ...lifted,
    courses: goOn.reduce((courses, { id }) => HashMap.modify(courses, id, restarted), lifted.courses),
  };
};

/**
 * Returns the effect of a freeze on open deployments. A waiting deployment is asked again. On its hosts, a deployment
 * goes back or is held, as the freeze says. While it is held, its deployer starts no other host, and its time limit
 * stands still.
 */
export const reactToFreeze = (state: WorkflowState, event: FreezeEvent): ReadonlyArray<Action> => {
  if (event.type === "unfreeze-proposed") return [];
  return hitBy(state, event).flatMap((course): ReadonlyArray<Action> => {
    if (course.phase === "waiting") return [askAgain(course)];
    if (!isOnHosts(course)) return [];
    if (event.type === "unfrozen") return course.clock.since === event.time ? [startClock(course, event.time)] : [];
    const { reason, underWay } = event.data;
    return underWay === "go-back" ? [frozen(course, event.id, reason, event.actor)] : [cancelTimer(timeout.id(course))];
  });
};

/** Asks waiting deployments again, because the windows or the life of approvals may have changed. */
export const reactToPolicy = ({ courses }: WorkflowState): ReadonlyArray<Action> =>
  HashMap.toValues(courses).flatMap((course) => (course.phase === "waiting" ? [askAgain(course)] : []));
