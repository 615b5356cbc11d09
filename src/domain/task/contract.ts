import { Effect, Schema } from "effect";
import { Capabilities, GivenCapabilities } from "../agent/capability.ts";
import { Instance } from "../agent/contract.ts";
import {
  AggregateId,
  bounds,
  command,
  type DecisionOf,
  type EventOf,
  event,
  Instant,
  internalCommand,
  JsonUpTo,
  NonEmptyList,
  NonEmptyText,
  Principal,
  Text,
} from "../kernel/mod.ts";

export const Priority = Schema.Literals(["low", "normal", "high", "critical"]);
export type Priority = typeof Priority.Type;

/**
 * How an agent is chosen for a task. `capability-match`: most preferred capabilities, then lowest load, then in turn.
 * `least-loaded` starts with the load, and `round-robin` only takes turns.
 */
export const Strategy = Schema.Literals(["capability-match", "least-loaded", "round-robin"]);
export type Strategy = typeof Strategy.Type;

/** The strategy of tasks without one. */
export const defaultStrategy: Strategy = "capability-match";

/** Why an agent lost a task: it did not acknowledge or start it in time, or it went offline. */
export const ExpiryReason = Schema.Literals(["unacknowledged", "not-started", "agent-offline"]);
export type ExpiryReason = typeof ExpiryReason.Type;

/** The reason of `task-failed` if the last attempt expired. */
export const attemptsExhausted = "attempts-exhausted";

/** The reason of `task-failed` if the task was not over by its deadline. */
export const deadlineExceeded = "deadline-exceeded";

/** How a child task ended. */
export const ChildStatus = Schema.Literals(["completed", "failed", "cancelled"]);

/** The number of an assignment of a task, from 1. */
export const Attempt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/**
 * The default time limits of a task: seconds from acknowledgement to start, and from submission to end. Tasks of the
 * backend have no defaults, because its sagas have their own time limits.
 */
export const defaultTimes = { startWithinSeconds: 10 * 60, deadlineSeconds: 24 * 60 * 60 };

/** At most ten years, so that every moment computed from it exists. */
const Seconds = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(10 * 365 * 24 * 60 * 60));

const progress = {
  percent: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))),
  message: Schema.optionalKey(Schema.String),
  data: Schema.optionalKey(Schema.Json),
};
const failure = { reason: Schema.NonEmptyString, data: Schema.optionalKey(Schema.Json) };
const result = { result: Schema.optionalKey(Schema.Json) };
const assignment = {
  agent: Principal,
  strategy: Schema.NonEmptyString,
  reasons: Schema.Array(Schema.String),
};
const expiry = { agent: Principal, attempt: Attempt, reason: ExpiryReason };

/** A request for a task: its type, the suitable agents, and the time limits. */
const request = {
  type: Schema.NonEmptyString,
  requiredCapabilities: Capabilities,
  preferredCapabilities: Capabilities.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  /** The only agent that may get it. */
  to: Schema.optionalKey(Principal),
  strategy: Schema.optionalKey(Strategy),
  priority: Priority.pipe(Schema.withDecodingDefaultKey(Effect.succeed("normal" as const))),
  payload: Schema.optionalKey(Schema.Json),
  acknowledgeWithinSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(30))),
  /** The time from acknowledgement to start. After it, the task goes to another agent. */
  startWithinSeconds: Schema.optionalKey(Seconds),
  /** The time from submission to end. */
  deadlineSeconds: Schema.optionalKey(Seconds),
  maxAttempts: Attempt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(3))),
};
export const TaskRequest = Schema.Struct(request);
export type TaskRequest = typeof TaskRequest.Type;

const GivenJson = Schema.optionalKey(JsonUpTo(bounds.message));

/** The same within the bounds of a command. */
const givenRequest = {
  ...request,
  type: NonEmptyText(bounds.name),
  requiredCapabilities: GivenCapabilities,
  preferredCapabilities: GivenCapabilities.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  payload: GivenJson,
};

/** The most tasks that one command can delegate. */
const mostAtOnce = 100;

/** A task for which another task waits. The default id derives from its parent: `<parent>=<n>`. */
const ChildRequest = Schema.Struct({ ...givenRequest, id: Schema.optionalKey(AggregateId) });
export type ChildRequest = typeof ChildRequest.Type;

/** The origin of a child task. `chain` has the agents that delegated it, first one first. */
const origin = { parent: AggregateId, chain: Schema.NonEmptyArray(Principal) };

/** How a child task ended, with its result. */
const childEnd = {
  child: AggregateId,
  status: ChildStatus,
  ...result,
  failure: Schema.optionalKey(Schema.Struct(failure)),
};

/** The assignment that an agent's answer concerns, and the run of its program. Absent fields are not checked. */
const answering = { attempt: Schema.optionalKey(Attempt), instance: Schema.optionalKey(Instance) };

export const taskCommands = {
  submit: command(
    Schema.Struct(givenRequest),
    "Submits work for a suitable agent. By default, it must start within 10 minutes after its acknowledgement, and end within a day.",
    {
      by: ["participant"],
      creates: true,
    },
  ),
  acknowledge: command(Schema.Struct(answering), "Acknowledges the task as its assigned agent.", { by: ["assignee"] }),
  start: command(Schema.Struct(answering), "Starts the task as its assigned agent.", { by: ["assignee"] }),
  "report-progress": command(
    Schema.Struct({ ...progress, message: Schema.optionalKey(Text(bounds.text)), data: GivenJson, ...answering }),
    "Reports the progress of the assigned agent.",
    { by: ["assignee"] },
  ),
  delegate: command(
    Schema.Struct({ tasks: NonEmptyList(ChildRequest, mostAtOnce), ...answering }),
    "Delegates parts of the task to other agents. The assigned agent gets the outcome of each, and completes the task after them.",
    { by: ["assignee"] },
  ),
  complete: command(Schema.Struct({ result: GivenJson, ...answering }), "Completes the task with its `result`.", {
    by: ["assignee"],
  }),
  fail: command(
    Schema.Struct({
      reason: NonEmptyText(bounds.message),
      data: GivenJson,
      retry: Schema.optionalKey(Schema.Boolean),
      ...answering,
    }),
    "Fails the task. With `retry` it is tried again while attempts are left, preferably by another agent.",
    { by: ["assignee"] },
  ),
  cancel: command(
    Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }),
    "Cancels the task, because it is no longer needed.",
    {
      by: ["submitter", ["admin", "not-the-systems"]],
    },
  ),
  assign: internalCommand(Schema.Struct(assignment), "Assigns the task to an agent, with the allocator's reasons."),
  "expire-assignment": internalCommand(
    Schema.Struct(expiry),
    "Takes the task back from an agent that does not do it; changes nothing if that attempt has ended.",
  ),
  expire: internalCommand(Schema.Struct({}), "Fails an open task at its deadline."),
  "submit-child": internalCommand(
    Schema.Struct({ ...request, ...origin }),
    "Submits a task that the agent of another task delegated.",
    { creates: true },
  ),
  "end-child": internalCommand(
    Schema.Struct(childEnd),
    "Reports to a task how one of its children ended; changes nothing if the task does not wait for it.",
  ),
  "cancel-child": internalCommand(
    Schema.Struct({ parent: AggregateId, reason: Schema.String }),
    "Cancels a child for which its parent no longer waits; changes nothing if the task has ended, or has another parent.",
  ),
};

export const taskEvents = {
  "task-submitted": event(
    Schema.toType(
      Schema.Struct({
        ...request,
        parent: Schema.optionalKey(origin.parent),
        chain: Schema.optionalKey(origin.chain),
      }),
    ),
    "A task was submitted and waits for an agent. Only a child has `parent` and `chain`.",
  ),
  "task-assigned": event(
    Schema.Struct({ ...assignment, attempt: Attempt, acknowledgeBy: Instant }),
    "An agent was chosen, for these reasons; it has until `acknowledgeBy` to take the task.",
  ),
  "task-acknowledged": event(
    Schema.Struct({ agent: Principal, startBy: Schema.optionalKey(Instant) }),
    "The agent has taken the task, and has until `startBy` to start it.",
  ),
  "task-started": event(Schema.Struct({ agent: Principal }), "The agent started the task."),
  "progress-reported": event(Schema.Struct({ agent: Principal, ...progress }), "The agent reported its progress."),
  "task-delegated": event(
    Schema.Struct({
      agent: Principal,
      chain: origin.chain,
      tasks: Schema.NonEmptyArray(Schema.toType(Schema.Struct({ ...request, id: AggregateId }))),
    }),
    "The agent delegated these tasks and waits for them. `chain` ends with the agent.",
  ),
  "child-ended": event(Schema.Struct(childEnd), "A child for which the agent waits has ended."),
  "task-completed": event(Schema.Struct({ agent: Principal, ...result }), "The task was completed."),
  "attempt-failed": event(
    Schema.Struct({ agent: Principal, attempt: Attempt, ...failure }),
    "The agent could not do the task and gave it back. The task waits for another agent.",
  ),
  "task-failed": event(Schema.Struct({ agent: Schema.optionalKey(Principal), ...failure }), "The task failed."),
  "assignment-expired": event(
    Schema.Struct(expiry),
    "The agent no longer has the task. The task waits for another agent.",
  ),
  "task-cancelled": event(
    Schema.Struct({
      by: Principal,
      agent: Schema.optionalKey(Principal),
      reason: Schema.optionalKey(Schema.String),
    }),
    "The task was cancelled. `agent` had it.",
  ),
};

/** Looked up for an answer that names its instance: the run of the agent's program that registered last. */
export interface KnownToTasks {
  readonly instance?: string;
}

export type TaskEvent = EventOf<typeof taskEvents>;
export type TaskDecision = DecisionOf<typeof taskEvents>;
