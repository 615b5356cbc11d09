import { Struct } from "effect";
import {
  AggregateId,
  accept,
  addSeconds,
  type CommandOf,
  type DataOf,
  type DecisionContext,
  defineDecider,
  defined,
  isOwnPrincipal,
  type PayloadOf,
  refuse,
} from "../kernel/mod.ts";
import {
  attemptsExhausted,
  deadlineExceeded,
  defaultTimes,
  type KnownToTasks,
  type TaskDecision,
  type TaskEvent,
  taskCommands,
  taskEvents,
} from "./contract.ts";
import { delegate, notFor } from "./delegation.ts";
import { allowedFrom, evolve, isHeld, isOver, type Task, TaskState, type TaskStatus } from "./state.ts";

/** The status in which an agent loses a task if the next step is late. */
const lateIn = { unacknowledged: "assigned", "not-started": "acknowledged" } as const;

/**
 * Returns whether an assignment can still expire. It must be the current one, and either the late step is still
 * missing, or its agent went offline. Timers and presence may refer to an assignment that has ended.
 */
const mayExpire = (
  task: Task,
  { agent, attempt, reason }: PayloadOf<typeof taskCommands, "expire-assignment">,
): boolean =>
  task.agent === agent &&
  task.attempt === attempt &&
  (reason === "agent-offline" ? isHeld(task.status) : task.status === lateIn[reason]);

/** Returns whether the current assignment is the last that the task allows. */
const isLastAttempt = (task: Task): boolean => task.attempt >= task.maxAttempts;

type Command = CommandOf<typeof taskCommands>;
type AgentCommand = Extract<Command, { type: keyof typeof allowedFrom }>;

const wrongState = (id: string, task: Task, command: string, allowed: ReadonlyArray<TaskStatus>) =>
  refuse("wrong-state", `task \`${id}\` is ${task.status}; \`${command}\` needs ${allowed.join(" or ")}`, {
    status: task.status,
    allowed,
  });

const withoutAnswer = <P extends { readonly attempt?: number; readonly instance?: string }>(payload: P) =>
  Struct.omit(payload, ["attempt", "instance"]);

type Context = DecisionContext<KnownToTasks | undefined>;

/**
 * Refuses an answer about an earlier assignment, or from a replaced run of the agent's program. Such an answer may be
 * late, and refer to work that has started over.
 */
const outdated = ({ payload }: AgentCommand, task: Task, { aggregateId, known }: Context) => {
  const { attempt = task.attempt, instance } = payload;
  if (attempt !== task.attempt)
    return refuse(
      "old-attempt",
      `task \`${aggregateId}\` is in attempt ${task.attempt}, but the answer is about attempt ${attempt}: stop working on that attempt`,
      { attempt: task.attempt },
    );
  return instance !== undefined && known?.instance !== undefined && known.instance !== instance
    ? refuse(
        "replaced",
        `task \`${aggregateId}\`: another instance of \`${task.agent}\` has registered since, \`${known.instance}\`: leave the task to that one`,
      )
    : undefined;
};

const startBy = ({ startWithinSeconds }: Task, { time }: Context) =>
  defined({ startBy: startWithinSeconds === undefined ? undefined : addSeconds(time, startWithinSeconds) });

/** Decides the commands by which only the assigned agent takes the task to its end. */
const decideForAgent = (command: AgentCommand, task: Task, context: Context): TaskDecision => {
  const agent = context.principal;
  if (task.agent !== agent)
    return refuse(
      "not-assigned",
      task.agent === undefined
        ? `task \`${context.aggregateId}\` is not assigned to \`${agent}\`; wait until it is`
        : `task \`${context.aggregateId}\` is assigned to \`${task.agent}\`, not to \`${agent}\``,
    );
  const old = outdated(command, task, context);
  if (old !== undefined) return old;
  const allowed: ReadonlyArray<TaskStatus> = allowedFrom[command.type];
  if (!allowed.includes(task.status)) return wrongState(context.aggregateId, task, command.type, allowed);
  switch (command.type) {
    case "acknowledge":
      return accept({ type: "task-acknowledged", data: { agent, ...startBy(task, context) } });
    case "start":
      return accept({ type: "task-started", data: { agent } });
    case "report-progress":
      return accept({ type: "progress-reported", data: { agent, ...withoutAnswer(command.payload) } });
    case "delegate":
      return delegate(context.aggregateId, task, agent, command.payload.tasks);
    case "complete":
      return task.children.length === 0
        ? accept({ type: "task-completed", data: { agent, ...withoutAnswer(command.payload) } })
        : refuse(
            "children-open",
            `task \`${context.aggregateId}\` waits for ${task.children.join(", ")}: complete it after them, or cancel them`,
            { children: task.children },
          );
    case "fail": {
      const { retry = false, ...failure } = withoutAnswer(command.payload);
      return retry && !isLastAttempt(task)
        ? accept({ type: "attempt-failed", data: { agent, attempt: task.attempt, ...failure } })
        : accept({ type: "task-failed", data: { agent, ...failure } });
    }
  }
};

const assign = (
  assignment: PayloadOf<typeof taskCommands, "assign">,
  task: Task,
  { aggregateId, time }: Context,
): TaskDecision => {
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

const expireAssignment = (expiry: PayloadOf<typeof taskCommands, "expire-assignment">, task: Task): TaskDecision => {
  if (!mayExpire(task, expiry)) return accept();
  const expired = { type: "assignment-expired", data: expiry } as const;
  return isLastAttempt(task)
    ? accept<TaskEvent>(expired, { type: "task-failed", data: { agent: expiry.agent, reason: attemptsExhausted } })
    : accept(expired);
};

const cancel = (
  payload: PayloadOf<typeof taskCommands, "cancel">,
  task: Task,
  { aggregateId, principal }: Context,
): TaskDecision =>
  isOver(task.status)
    ? wrongState(aggregateId, task, "cancel", ["submitted", ...allowedFrom.fail])
    : accept({
        type: "task-cancelled",
        data: defined({ by: principal, agent: task.agent, ...payload }),
      });

const submit = (
  data: DataOf<typeof taskEvents, "task-submitted">,
  task: TaskState,
  { aggregateId, principal }: Context,
): TaskDecision =>
  task === null
    ? accept({ type: "task-submitted", data: isOwnPrincipal(principal) ? data : { ...defaultTimes, ...data } })
    : refuse("already-exists", `task \`${aggregateId}\` exists; submit another one under a new id`);

/** Fails an open task at its deadline. */
const expire = (task: Task): TaskDecision =>
  isOver(task.status)
    ? accept()
    : accept({
        type: "task-failed",
        data: defined({ agent: task.agent, reason: deadlineExceeded }),
      });

const decide = (command: Command, task: TaskState, context: Context): TaskDecision => {
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

/** Work for an agent, from its submission to its end. */
export const task = defineDecider<KnownToTasks | undefined>()({
  name: "task",
  description: "Work for an agent, from its submission to its end.",
  id: AggregateId,
  commands: taskCommands,
  events: taskEvents,
  relations: {
    submitter: (task, { principal }) => task?.submitter === principal,
    assignee: (task, { principal }) => task?.agent === principal,
    "not-the-systems": (task) => task === null || !isOwnPrincipal(task.submitter),
  },
  state: TaskState,
  stateVersion: 4,
  initial: null,
  decide,
  evolve,
});
