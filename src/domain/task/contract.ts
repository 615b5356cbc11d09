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
 * How an agent is chosen among those that can take a task. `capability-match`: most preferred capabilities, then the
 * least loaded, then in turn; `least-loaded` and `round-robin` leave out what comes before.
 */
export const Strategy = Schema.Literals(["capability-match", "least-loaded", "round-robin"]);
export type Strategy = typeof Strategy.Type;

/** The strategy for tasks that name none. */
export const defaultStrategy: Strategy = "capability-match";

/** Why an agent lost a task: it did not acknowledge or start it in time, or it went away with it. */
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
 * The times of a task that names none: seconds from the acknowledgement to the start, and from the submission to the
 * end. What the backend itself asks for has only the times that it names: its sagas have times of their own.
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

/** A request for a task: its type, the agents that can do it, and the times to wait for them. */
const request = {
  type: Schema.NonEmptyString,
  requiredCapabilities: Capabilities,
  preferredCapabilities: Capabilities.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  /** The only agent that may have it. */
  to: Schema.optionalKey(Principal),
  strategy: Schema.optionalKey(Strategy),
  priority: Priority.pipe(Schema.withDecodingDefaultKey(Effect.succeed("normal" as const))),
  payload: Schema.optionalKey(Schema.Json),
  acknowledgeWithinSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(30))),
  /** From the acknowledgement until the agent must have started, or the task goes to another one. */
  startWithinSeconds: Schema.optionalKey(Seconds),
  /** From its submission until it must be over. */
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

/** The most tasks that one command may delegate. */
const mostAtOnce = 100;

/** A task that another one is waiting for. Without an id it is called after its parent: `<parent>=<n>`. */
const ChildRequest = Schema.Struct({ ...givenRequest, id: Schema.optionalKey(AggregateId) });
export type ChildRequest = typeof ChildRequest.Type;

/** Where a child task comes from. `chain` are the agents through which it came, the first one first. */
const origin = { parent: AggregateId, chain: Schema.NonEmptyArray(Principal) };

/** How a child task ended, and with what. */
const childEnd = {
  child: AggregateId,
  status: ChildStatus,
  ...result,
  failure: Schema.optionalKey(Schema.Struct(failure)),
};

/**
 * Which assignment an answer of the agent is about, and which run of its program gives it. What they do not name is not
 * compared.
 */
const answering = { attempt: Schema.optionalKey(Attempt), instance: Schema.optionalKey(Instance) };

export const taskCommands = {
  submit: command(
    Schema.Struct(givenRequest),
    "Asks for work to be done by an agent that can. Without other times it has 10 minutes to start once it is acknowledged, and a day to be over.",
    {
      by: ["participant"],
      creates: true,
    },
  ),
  acknowledge: command(Schema.Struct(answering), "The assigned agent takes the task.", { by: ["assignee"] }),
  start: command(Schema.Struct(answering), "The assigned agent begins.", { by: ["assignee"] }),
  "report-progress": command(
    Schema.Struct({ ...progress, message: Schema.optionalKey(Text(bounds.text)), data: GivenJson, ...answering }),
    "The assigned agent reports how far it is.",
    { by: ["assignee"] },
  ),
  delegate: command(
    Schema.Struct({ tasks: NonEmptyList(ChildRequest, mostAtOnce), ...answering }),
    "The assigned agent has parts of the task done by others; it hears how each ended, and completes after them.",
    { by: ["assignee"] },
  ),
  complete: command(
    Schema.Struct({ result: GivenJson, ...answering }),
    "The assigned agent is done; `result` is what came of it.",
    { by: ["assignee"] },
  ),
  fail: command(
    Schema.Struct({
      reason: NonEmptyText(bounds.message),
      data: GivenJson,
      retry: Schema.optionalKey(Schema.Boolean),
      ...answering,
    }),
    "The assigned agent cannot do it; with `retry` it is tried again, rather by another agent, while attempts are left.",
    { by: ["assignee"] },
  ),
  cancel: command(Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }), "Nobody needs the task any more.", {
    by: ["submitter", ["admin", "not-the-systems"]],
  }),
  assign: internalCommand(Schema.Struct(assignment), "The allocator gives the task to an agent, and says why."),
  "expire-assignment": internalCommand(
    Schema.Struct(expiry),
    "Takes the task back from an agent that does not do it; changes nothing if that attempt is over.",
  ),
  expire: internalCommand(Schema.Struct({}), "The deadline has come: fails a task that is not over."),
  "submit-child": internalCommand(
    Schema.Struct({ ...request, ...origin }),
    "Asks for what the agent of another task has delegated.",
    { creates: true },
  ),
  "end-child": internalCommand(
    Schema.Struct(childEnd),
    "Tells a task how one of its children ended; changes nothing if it does not wait for it.",
  ),
  "cancel-child": internalCommand(
    Schema.Struct({ parent: AggregateId, reason: Schema.String }),
    "Its parent does not wait any more; changes nothing if the task is over, or another one's child.",
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
    "A task waits for an agent. `parent` and `chain` are those of a child.",
  ),
  "task-assigned": event(
    Schema.Struct({ ...assignment, attempt: Attempt, acknowledgeBy: Instant }),
    "An agent was chosen, for these reasons; it has until `acknowledgeBy` to take the task.",
  ),
  "task-acknowledged": event(
    Schema.Struct({ agent: Principal, startBy: Schema.optionalKey(Instant) }),
    "The agent has taken the task, and has until `startBy` to start it.",
  ),
  "task-started": event(Schema.Struct({ agent: Principal }), "The agent works on the task."),
  "progress-reported": event(Schema.Struct({ agent: Principal, ...progress }), "How far the agent is."),
  "task-delegated": event(
    Schema.Struct({
      agent: Principal,
      chain: origin.chain,
      tasks: Schema.NonEmptyArray(Schema.toType(Schema.Struct({ ...request, id: AggregateId }))),
    }),
    "The agent waits for these tasks; `chain` ends with it.",
  ),
  "child-ended": event(Schema.Struct(childEnd), "A child that the agent waits for is over."),
  "task-completed": event(Schema.Struct({ agent: Principal, ...result }), "The task is done."),
  "attempt-failed": event(
    Schema.Struct({ agent: Principal, attempt: Attempt, ...failure }),
    "The agent could not do it and has given it back; the task waits for another one.",
  ),
  "task-failed": event(
    Schema.Struct({ agent: Schema.optionalKey(Principal), ...failure }),
    "The task will not be done.",
  ),
  "assignment-expired": event(
    Schema.Struct(expiry),
    "The agent does not have the task any more; it waits for another one.",
  ),
  "task-cancelled": event(
    Schema.Struct({
      by: Principal,
      agent: Schema.optionalKey(Principal),
      reason: Schema.optionalKey(Schema.String),
    }),
    "The task was called off; `agent` had it.",
  ),
};

/** Looked up for an answer that names its instance: the run of the agent's program that registered last. */
export interface KnownToTasks {
  readonly instance?: string;
}

export type TaskEvent = EventOf<typeof taskEvents>;
export type TaskDecision = DecisionOf<typeof taskEvents>;
