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
import { attemptsExhausted, deadlineExceeded, taskCommands, taskEvents } from "./contract.ts";
import { delegate, notFor } from "./delegation.ts";
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
    case "delegate":
      return delegate(context.aggregateId, task, agent, command.payload.tasks);
    case "complete":
      return task.children.length === 0
        ? accept({ type: "task-completed", data: { agent, ...command.payload } })
        : refuse(
            "children-open",
            `task \`${context.aggregateId}\` waits for ${task.children.join(", ")}: complete it after them, or cancel them`,
            { children: task.children },
          );
    case "fail": {
      const { retry = false, ...failure } = command.payload;
      return retry && !isLastAttempt(task)
        ? accept({ type: "attempt-failed", data: { agent, attempt: task.attempt, ...failure } })
        : accept({ type: "task-failed", data: { agent, ...failure } });
    }
  }
};

const assign = (
  assignment: (Command & { type: "assign" })["payload"],
  task: Task,
  { aggregateId, time }: DecisionContext,
): Decision => {
  if (task.status !== "submitted") return wrongState(aggregateId, task, "assign", ["submitted"]);
  const reason = notFor(task, assignment.agent);
  return reason === undefined
    ? accept({
        type: "task-assigned",
        data: {
          ...assignment,
          attempt: task.attempt + 1,
          acknowledgeBy: addSeconds(time, task.acknowledgeWithinSeconds),
        },
      })
    : refuse(reason, `task \`${aggregateId}\` cannot go to \`${assignment.agent}\`: assign it to another agent`);
};

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

const submit = (
  data: (Event & { type: "task-submitted" })["data"],
  task: TaskState,
  { aggregateId }: DecisionContext,
): Decision =>
  task === null
    ? accept({ type: "task-submitted", data })
    : refuse("already-exists", `task \`${aggregateId}\` exists; submit another one under a new id`);

/** What is over is not failed by its deadline. */
const expire = (task: Task): Decision =>
  isOver(task.status)
    ? accept()
    : accept({
        type: "task-failed",
        data: { ...(task.agent === undefined ? {} : { agent: task.agent }), reason: deadlineExceeded },
      });

const decide = (command: Command, task: TaskState, context: DecisionContext): Decision => {
  if (command.type === "submit" || command.type === "submit-child") return submit(command.payload, task, context);
  if (task === null) return refuse("not-found", `task \`${context.aggregateId}\` does not exist; submit it first`);
  switch (command.type) {
    case "assign":
      return assign(command.payload, task, context);
    case "expire-assignment":
      return expireAssignment(command.payload, task);
    case "expire":
      return expire(task);
    case "cancel":
      return cancel(command.payload, task, context);
    case "end-child":
      return task.children.includes(command.payload.child)
        ? accept({ type: "child-ended", data: command.payload })
        : accept();
    case "cancel-child": {
      const { parent, reason } = command.payload;
      return isOver(task.status) || task.parent !== parent ? accept() : cancel({ reason }, task, context);
    }
    default:
      return decideForAgent(command, task, context);
  }
};

/** A task that waits for an agent again. The children of an attempt end with it. */
const givenBack = ({ agent: _agent, ...task }: Task): Task => ({ ...task, status: "submitted", children: [] });

const evolve = (task: TaskState, event: Event): TaskState => {
  if (event.type === "task-submitted") {
    const { maxAttempts, acknowledgeWithinSeconds, to, parent, chain = [] } = event.data;
    return {
      ...{ status: "submitted", attempt: 0, maxAttempts, acknowledgeWithinSeconds },
      ...(to === undefined ? {} : { to }),
      ...(parent === undefined ? {} : { parent }),
      ...{ chain, children: [], delegated: 0 },
    };
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
    case "task-delegated":
      return {
        ...task,
        children: [...task.children, ...event.data.tasks.map(({ id }) => id)],
        delegated: task.delegated + event.data.tasks.length,
      };
    case "child-ended":
      return { ...task, children: task.children.filter((id) => id !== event.data.child) };
    case "task-completed":
      return { ...task, status: "completed" };
    case "task-failed":
      return { ...task, status: "failed", children: [] };
    case "assignment-expired":
    case "attempt-failed":
      return givenBack(task);
    case "task-cancelled":
      return { ...task, status: "cancelled", children: [] };
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
  stateVersion: 2,
  initial: null,
  decide,
  evolve,
});
