import { HashMap, Option, Schema } from "effect";
import { host } from "../../../domain/host/decider.ts";
import { isSame } from "../../../domain/host/drift.ts";
import { type Change, operationIdOf } from "../../../domain/host/operation.ts";
import type { HostState } from "../../../domain/host/state.ts";
import { defined, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import { give, submitTask, type Work } from "../actions.ts";
import {
  deciding,
  type HostTask,
  hostOf,
  knownAs,
  type Matter,
  type OperationsState,
  operationsName,
  unrepairedOn,
} from "./state.ts";

/** Returns the address and target of a host; undefined if no deployment has reported them. */
const whereIs = (id: string, { address, target, ssh }: HostState) =>
  address === undefined || target === undefined ? undefined : { host: id, address, target, ...defined({ ssh }) };

const begin = (
  state: OperationsState,
  id: string,
  doing: HostTask,
  work: Work<"operate" | "repair">,
): OperationsState => deciding({ ...state, tasks: HashMap.set(state.tasks, id, doing) }, submitTask(id, work));

/** Starts an approved repair, unless the drift is gone or a deployment is changing the host. */
export const beginRepair = (
  state: OperationsState,
  id: string,
  { host: name, difference }: Extract<Matter, { is: "repair" }>,
): OperationsState => {
  const known = hostOf(state, name);
  const where = whereIs(name, known);
  const drift = known.drifts.find((one) => isSame(one, difference));
  if (where === undefined || drift === undefined || known.desired === undefined || known.changing !== undefined)
    return state;
  const { closure, deployment } = known.desired;
  const { kind, unit } = drift;
  // No repair is proposed for a host that does not answer.
  if (kind === "unreachable") return state;
  const payload = { ...where, deployment, kind, closure, ...defined({ unit }) };
  return begin(state, id, { host: name, repairs: difference }, { type: "repair", capability: "deploy", payload });
};

/**
 * Starts an approved change. An agent with the capability `deploy` carries it out. A change of placement becomes a
 * deployment.
 */
export const beginOperation = (state: OperationsState, id: string, change: Change): OperationsState => {
  const known = hostOf(state, id);
  const where = whereIs(id, known);
  const placement = known.desired?.placement;
  if (where === undefined || placement === undefined) return state;
  const { action, node, units, hosts = [], acceptDataLoss } = change;
  const operation = operationIdOf(id, change.change);
  if (action === "scale") {
    const { graph } = placement;
    const input = {
      operation,
      host: id,
      change: change.change,
      graph,
      target: where.target,
      node,
      hosts,
      ...defined({ acceptDataLoss }),
    };
    return deciding(state, { kind: "operation", operation: "scale", input });
  }
  const payload = { ...where, action, node, units };
  return begin(
    state,
    operation,
    { host: id, change: change.change },
    { type: "operate", capability: "deploy", payload },
  );
};

/** Cancels the tasks on a host that a deployment changes, because only one of them may work on it. */
export const endTasksOn = (state: OperationsState, id: string, deployment: string): OperationsState =>
  deciding(
    state,
    ...[...state.tasks]
      .filter(([, doing]) => doing.host === id)
      .map(([taskId]) =>
        give(
          task,
          taskId,
          { type: "cancel", payload: { reason: `deployment ${deployment} changes the host` } },
          `${taskId}.cancel`,
        ),
      ),
  );

const decodeDetail = Schema.decodeUnknownOption(Schema.Struct({ detail: Schema.String }));

const failureOf = (event: RecordedEventOf<typeof task.events>): string | undefined => {
  if (event.type === "task-failed") {
    const detail = Option.getOrUndefined(decodeDetail(event.data.data))?.detail;
    return detail === undefined ? event.data.reason : `${event.data.reason}: ${detail}`;
  }
  return event.type === "task-cancelled" ? `task ${event.id} was cancelled by ${event.data.by}` : undefined;
};

/** Remembers a failed repair. Whether a finished repair holds is for the watch to observe. */
const afterRepair = (
  state: OperationsState,
  { host: id, repairs }: HostTask,
  type: RecordedEventOf<typeof task.events>["type"],
): OperationsState =>
  repairs === undefined || type !== "task-failed"
    ? state
    : { ...state, unrepaired: HashMap.set(state.unrepaired, id, [...unrepairedOn(state, id), repairs]) };

/** Records the end of a task on the host if the task carried out a change. */
export const onTask = (state: OperationsState, event: RecordedEventOf<typeof task.events>): OperationsState => {
  if (event.type === "task-submitted")
    return event.actor === operationsName ? { ...state, tasks: knownAs(state.tasks, event.id) } : state;
  const doing = Option.getOrUndefined(HashMap.get(state.tasks, event.id));
  if (doing === undefined) return state;
  const over = { ...state, tasks: HashMap.remove(state.tasks, event.id) };
  const finish = (failure: string | undefined): OperationsState => {
    if (doing.change === undefined) return afterRepair(over, doing, event.type);
    const payload = { change: doing.change, ...defined({ failure }) };
    return deciding(over, give(host, doing.host, { type: "record-operated", payload }));
  };
  switch (event.type) {
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return finish(failureOf(event));
    default:
      return state;
  }
};
