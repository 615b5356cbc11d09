import { HashMap, Option } from "effect";
import { deployment } from "../../domain/deployment/decider.ts";
import { hostsOf } from "../../domain/deployment/request.ts";
import { host } from "../../domain/host/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { task } from "../../domain/task/decider.ts";
import type { ProcessManager } from "../process-manager.ts";
import { nothingWatched, plannedHosts, type WatchingState, watchOf } from "./host-watching/state.ts";
import { keyOfTask, resume, settle, submitted, unwanted } from "./host-watching/watches.ts";

const name = "host-watching";

const settleAll = (state: WatchingState, hosts: ReadonlyArray<string>): WatchingState => {
  const keys = hosts.flatMap((id) => {
    const known = Option.getOrUndefined(HashMap.get(state.hosts, id));
    return known === undefined ? [] : [watchOf(known)];
  });
  return [...new Set(keys)].reduce<WatchingState>(
    (current, key) => (key === undefined ? current : settle(current, key)),
    state,
  );
};

const byDeployment = (state: WatchingState, event: RecordedEventOf<typeof deployment.events>): WatchingState => {
  const { id } = event;
  const hosts = plannedHosts(state, id);
  const others = state.busy.filter((one) => one !== id);
  switch (event.type) {
    case "deployment-requested":
    case "revision-amended":
      return { ...state, planned: HashMap.set(state.planned, id, hostsOf(event.data)) };
    case "deploying-started":
    case "rollback-started":
      return settleAll({ ...state, busy: [...others, id] }, hosts);
    case "deployment-succeeded":
    case "rollback-incomplete":
      return settleAll({ ...state, busy: others }, hosts);
    case "deployment-rejected":
    case "deployment-failed":
    case "deployment-cancelled":
    case "deployment-rolled-back":
      return settleAll({ ...state, busy: others, planned: HashMap.remove(state.planned, id) }, hosts);
    default:
      return state;
  }
};

const byHost = (state: WatchingState, event: RecordedEventOf<typeof host.events>): WatchingState => {
  const { id } = event;
  const before = Option.getOrElse(HashMap.get(state.hosts, id), () => host.initial);
  const after = host.evolve(before, event, { ...event, aggregateId: id });
  const next = { ...state, hosts: HashMap.set(state.hosts, id, after) };
  switch (event.type) {
    case "host-enrolled":
    case "host-deployed":
    case "host-reverted":
    case "host-unrestored": {
      const left = watchOf(before);
      const settled = settleAll(next, [id]);
      return left === undefined || left === watchOf(after) ? settled : settle(settled, left);
    }
    default:
      return next;
  }
};

const byTask = (state: WatchingState, event: RecordedEventOf<typeof task.events>): WatchingState => {
  const key = keyOfTask(state, event.id);
  switch (event.type) {
    case "task-submitted": {
      const isOurs = event.data.type === "watch" && (event.actor === name || event.actor === "timers");
      if (key === undefined) return isOurs ? unwanted(state, event.id) : state;
      return isOurs ? submitted(state, key) : resume(state, key, event.time);
    }
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return key === undefined ? state : resume(state, key, event.time);
    default:
      return state;
  }
};

const evolve = (before: WatchingState, event: RecordedEvent): WatchingState => {
  const state: WatchingState = before.decided.length === 0 ? before : { ...before, decided: [] };
  if (isEventOf(deployment, event)) return byDeployment(state, event);
  if (isEventOf(host, event)) return byHost(state, event);
  if (isEventOf(task, event)) return byTask(state, event);
  return state;
};

/**
 * Has the hosts of each graph watched by a task that goes on for as long as no deployment changes them. Decisions are
 * part of the state, so that they count at once and not only when their events come back from the log.
 */
export const hostWatching: ProcessManager<WatchingState> = {
  name,
  aggregates: [deployment.name, host.name, task.name],
  initial: nothingWatched,
  evolve,
  react: ({ decided }) => decided,
};
