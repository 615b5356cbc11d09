import type { Result } from "effect";
import {
  AggregateId,
  accept,
  addSeconds,
  type CommandOf,
  type DecisionContext,
  defineDecider,
  type EventOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { attemptsExhausted, taskCommands, taskEvents } from "./contract.ts";
import { isLastAttempt, mayExpire } from "./expiry.ts";
import { allowedFrom, isOver } from "./lifecycle.ts";
import { type Task, TaskState, type TaskStatus } from "./state.ts";

type Command = CommandOf<typeof taskCommands>;
type Event = EventOf<typeof taskEvents>;
type AgentCommand = Extract<Command, { type: keyof typeof allowedFrom }>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;

const wrongState = (id: string, task: Task, command: string, allowed: ReadonlyArray<TaskStatus>) =>
  refuse("wrong-state", `task \`${id}\` is ${task.status}; \`${command}\` needs ${allowed.join(" or ")}`, {
    status: task.status,
    allowed,
  });

/** The commands by which the assigned agent, and nobody else, takes the task to its end. */
const decideForAgent = (command: AgentCommand, task: Task, context: DecisionContext): Decision => {
  const agent = context.principal;
  if (task.agent !== agent)
    return refuse(
      "not-assigned",
      task.agent === undefined
        ? `task \`${context.aggregateId}\` is not assigned to \`${agent}\`; wait until it is`
        : `task \`${context.aggregateId}\` is assigned to \`${task.agent}\`, not to \`${agent}\``,
    );
  const allowed: ReadonlyArray<TaskStatus> = allowedFrom[command.type];
  if (!allowed.includes(task.status)) return wrongState(context.aggregateId, task, command.type, allowed);
  switch (command.type) {
    case "acknowledge":
      return accept({ type: "task-acknowledged", data: { agent } });
    case "start":
      return accept({ type: "task-started", data: { agent } });
    case "report-progress":
      return accept({ type: "progress-reported", data: { agent, ...command.payload } });
    case "complete":
      return accept({ type: "task-completed", data: { agent, ...command.payload } });
    case "fail":
      return accept({ type: "task-failed", data: { agent, ...command.payload } });
  }
};

const assign = (
  assignment: (Command & { type: "assign" })["payload"],
  task: Task,
  { aggregateId, time }: DecisionContext,
): Decision =>
  task.status === "submitted"
    ? accept({
        type: "task-assigned",
        data: {
          ...assignment,
          attempt: task.attempt + 1,
          acknowledgeBy: addSeconds(time, task.acknowledgeWithinSeconds),
        },
      })
    : wrongState(aggregateId, task, "assign", ["submitted"]);

const expireAssignment = (expiry: (Command & { type: "expire-assignment" })["payload"], task: Task): Decision => {
  if (!mayExpire(task, expiry)) return accept();
  const expired = { type: "assignment-expired", data: expiry } as const;
  return isLastAttempt(task)
    ? accept<Event>(expired, { type: "task-failed", data: { agent: expiry.agent, reason: attemptsExhausted } })
    : accept(expired);
};

const cancel = (
  payload: (Command & { type: "cancel" })["payload"],
  task: Task,
  { aggregateId, principal }: DecisionContext,
): Decision =>
  isOver(task.status)
    ? wrongState(aggregateId, task, "cancel", ["submitted", ...allowedFrom.fail])
    : accept({
        type: "task-cancelled",
        data: { by: principal, ...(task.agent === undefined ? {} : { agent: task.agent }), ...payload },
      });

const decide = (command: Command, task: TaskState, context: DecisionContext): Decision => {
  if (command.type === "submit")
    return task === null
      ? accept({ type: "task-submitted", data: command.payload })
      : refuse("already-exists", `task \`${context.aggregateId}\` exists; submit another one under a new id`);
  if (task === null) return refuse("not-found", `task \`${context.aggregateId}\` does not exist; submit it first`);
  switch (command.type) {
    case "assign":
      return assign(command.payload, task, context);
    case "expire-assignment":
      return expireAssignment(command.payload, task);
    case "cancel":
      return cancel(command.payload, task, context);
    default:
      return decideForAgent(command, task, context);
  }
};

const withoutAgent = ({ agent: _agent, ...task }: Task): Task => task;

const evolve = (task: TaskState, event: Event): TaskState => {
  if (event.type === "task-submitted") {
    const { maxAttempts, acknowledgeWithinSeconds } = event.data;
    return { status: "submitted", attempt: 0, maxAttempts, acknowledgeWithinSeconds };
  }
  if (task === null) return task;
  switch (event.type) {
    case "task-assigned":
      return { ...task, status: "assigned", agent: event.data.agent, attempt: event.data.attempt };
    case "task-acknowledged":
      return { ...task, status: "acknowledged" };
    case "task-started":
      return { ...task, status: "in-progress" };
    case "progress-reported":
      return task;
    case "task-completed":
      return { ...task, status: "completed" };
    case "task-failed":
      return { ...task, status: "failed" };
    case "assignment-expired":
      return { ...withoutAgent(task), status: "submitted" };
    case "task-cancelled":
      return { ...task, status: "cancelled" };
  }
};

/** Work for an agent, from its submission to its end. */
export const task = defineDecider()({
  name: "task",
  description: "Work for an agent, from its submission to its end.",
  id: AggregateId,
  commands: taskCommands,
  events: taskEvents,
  state: TaskState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
