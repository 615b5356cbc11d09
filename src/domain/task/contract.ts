import { Effect, Schema } from "effect";
import { Capabilities } from "../agent/contract.ts";
import { AggregateId, command, event, Instant, internalCommand, Principal } from "../kernel/mod.ts";

export const Priority = Schema.Literals(["low", "normal", "high", "critical"]);
export type Priority = typeof Priority.Type;

/** Why an agent lost a task: it did not acknowledge in time, or it went away with it. */
export const ExpiryReason = Schema.Literals(["unacknowledged", "agent-offline"]);
export type ExpiryReason = typeof ExpiryReason.Type;

/** Reason of `task-failed` where the last attempt expired. */
export const attemptsExhausted = "attempts-exhausted";

/** The number of an assignment of a task, from 1. */
export const Attempt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** At most ten years, so that every moment computed from it exists. */
const AcknowledgeWithin = Schema.Finite.check(
  Schema.isGreaterThan(0),
  Schema.isLessThanOrEqualTo(10 * 365 * 24 * 60 * 60),
);

const progress = {
  percent: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))),
  message: Schema.optionalKey(Schema.String),
  data: Schema.optionalKey(Schema.Json),
};
const failure = { reason: Schema.NonEmptyString, data: Schema.optionalKey(Schema.Json) };
const assignment = {
  agent: AggregateId,
  strategy: Schema.NonEmptyString,
  reasons: Schema.Array(Schema.String),
};

/** What a task asks for: its type, who can do it, and how long to wait for whom. */
export const TaskRequest = Schema.Struct({
  type: Schema.NonEmptyString,
  requiredCapabilities: Capabilities,
  preferredCapabilities: Capabilities.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  priority: Priority.pipe(Schema.withDecodingDefaultKey(Effect.succeed("normal" as const))),
  payload: Schema.optionalKey(Schema.Json),
  acknowledgeWithinSeconds: AcknowledgeWithin.pipe(Schema.withDecodingDefaultKey(Effect.succeed(30))),
  maxAttempts: Attempt.pipe(Schema.withDecodingDefaultKey(Effect.succeed(3))),
});
export type TaskRequest = typeof TaskRequest.Type;

export const taskCommands = {
  submit: command(TaskRequest, "Asks for work to be done by an agent that can.", { creates: true }),
  acknowledge: command(Schema.Struct({}), "The assigned agent takes the task."),
  start: command(Schema.Struct({}), "The assigned agent begins."),
  "report-progress": command(Schema.Struct(progress), "The assigned agent tells how far it is."),
  complete: command(
    Schema.Struct({ result: Schema.optionalKey(Schema.Json) }),
    "The assigned agent is done; `result` is what came of it.",
  ),
  fail: command(Schema.Struct(failure), "The assigned agent cannot do it."),
  cancel: command(Schema.Struct({ reason: Schema.optionalKey(Schema.String) }), "Nobody needs the task any more."),
  assign: internalCommand(Schema.Struct(assignment), "The allocator gives the task to an agent, and says why."),
  "expire-assignment": internalCommand(
    Schema.Struct({ agent: AggregateId, attempt: Attempt, reason: ExpiryReason }),
    "Takes the task back from an agent that does not do it; changes nothing where that attempt is over.",
  ),
};

export const taskEvents = {
  "task-submitted": event(Schema.toType(TaskRequest), "A task waits for an agent."),
  "task-assigned": event(
    Schema.Struct({ ...assignment, attempt: Attempt, acknowledgeBy: Instant }),
    "An agent was chosen, for these reasons; it has until `acknowledgeBy` to take the task.",
  ),
  "task-acknowledged": event(Schema.Struct({ agent: AggregateId }), "The agent has taken the task."),
  "task-started": event(Schema.Struct({ agent: AggregateId }), "The agent works on the task."),
  "progress-reported": event(Schema.Struct({ agent: AggregateId, ...progress }), "How far the agent is."),
  "task-completed": event(
    Schema.Struct({ agent: AggregateId, result: Schema.optionalKey(Schema.Json) }),
    "The task is done.",
  ),
  "task-failed": event(
    Schema.Struct({ agent: Schema.optionalKey(AggregateId), ...failure }),
    "The task will not be done.",
  ),
  "assignment-expired": event(
    Schema.Struct({ agent: AggregateId, attempt: Attempt, reason: ExpiryReason }),
    "The agent does not have the task any more; it waits for another one.",
  ),
  "task-cancelled": event(
    Schema.Struct({
      by: Principal,
      agent: Schema.optionalKey(AggregateId),
      reason: Schema.optionalKey(Schema.String),
    }),
    "The task was called off; `agent` had it.",
  ),
};
