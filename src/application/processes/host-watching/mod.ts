import { HashMap, Option } from "effect";
import { deployment } from "../../../domain/deployment/decider.ts";
import { hostsOf } from "../../../domain/deployment/waves.ts";
import { host } from "../../../domain/host/decider.ts";
import type { HostState } from "../../../domain/host/state.ts";
import {
  addSeconds,
  defined,
  isEventOf,
  millisecondsBetween,
  olderIdOf,
  type RecordedEvent,
  type RecordedEventOf,
} from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { ProcessManager } from "../../process-manager.ts";
import { cancelTimer, give, schedule, submission, submitTask, type Work } from "../actions.ts";
import { nothingWatched, plannedHosts, type Watch, type WatchingState, watchOf } from "./state.ts";

/** The pause in seconds before an ended watch is submitted again. It doubles each time as long as no watch lasts. */
const firstPause = 10;
const longestPause = 600;

const pauseOf = ({ pause, since }: Watch, at: string): number => {
  const lasted = since !== undefined && millisecondsBetween(since, at) > longestPause * 1000;
  return pause === undefined || lasted ? firstPause : Math.min(longestPause, pause * 2);
};

const idOf = (key: string, serial: number | "") => `${key}-${serial}`;
const timerOf = (id: string) => `${id}-submit`;

const watched = (id: string, { address, ssh, desired }: HostState) =>
  desired === undefined || address === undefined
    ? []
    : [
        {
          host: id,
          address,
          ...defined({ ssh }),
          closure: desired.closure,
          checks: desired.placement?.checks ?? [],
        },
      ];

/** Returns the task that a watch should have now; undefined if deployments are changing all of its hosts. */
const wantedWork = (state: WatchingState, key: string): Work<"watch"> | undefined => {
  const busy = new Set(state.busy.flatMap((deployment) => plannedHosts(state, deployment)));
  const here = [...state.hosts].filter(([id, host]) => !busy.has(id) && watchOf(host) === key);
  const hosts = here.flatMap(([id, host]) => watched(id, host)).sort((one, other) => (one.host < other.host ? -1 : 1));
  const target = here[0]?.[1].target;
  if (hosts.length === 0 || target === undefined) return undefined;
  return { type: "watch", capability: "monitor", priority: "low", payload: { target, hosts } };
};

const watchFor = ({ watches }: WatchingState, key: string): Watch =>
  Option.getOrElse(HashMap.get(watches, key), () => ({ serial: 0, pausing: false }));

const withWatch = (state: WatchingState, key: string, watch: Watch, decided: WatchingState["decided"]) => ({
  ...state,
  watches: HashMap.set(state.watches, key, watch),
  decided: [...state.decided, ...decided],
});

const cancel = (id: string, reason: string) => give(task, id, { type: "cancel", payload: { reason } }, `${id}.cancel`);

/** Brings the watch up to date: cancels a task with outdated hosts or closures, and submits another one. */
export const settle = (state: WatchingState, key: string): WatchingState => {
  const watch = watchFor(state, key);
  const work = wantedWork(state, key);
  const content = work === undefined ? undefined : JSON.stringify(work.payload);
  if (content === watch.content) return state;
  const ending =
    watch.task === undefined
      ? []
      : [
          ...(watch.pausing ? [cancelTimer(timerOf(watch.task))] : []),
          cancel(watch.task, "what the hosts should run changes"),
        ];
  if (work === undefined || content === undefined)
    return withWatch(state, key, { serial: watch.serial, pausing: false }, ending);
  const serial = watch.serial + 1;
  const id = idOf(key, serial);
  return withWatch(state, key, { serial, task: id, content, pausing: false }, [...ending, submitTask(id, work)]);
};

/** Returns the watch whose current task this is. */
export const keyOfTask = ({ watches }: WatchingState, id: string): string | undefined => {
  for (const [key, watch] of watches) if (watch.task === id) return key;
  return undefined;
};

/** Returns the watch and the serial of a task in an older log, if it is the current task of a watch. */
const placeOfOlder = ({ watches }: WatchingState, id: string) => {
  for (const [key, watch] of watches) {
    const beginning = olderIdOf(idOf(key, ""));
    const serial = id.startsWith(beginning) ? Number(id.slice(beginning.length)) : Number.NaN;
    if (watch.task !== undefined && serial >= watch.serial) return { key, serial };
  }
  return undefined;
};

/** Restarts an ended watch under another id after a pause. */
export const resume = (state: WatchingState, key: string, at: string): WatchingState => {
  const watch = watchFor(state, key);
  const work = wantedWork(state, key);
  if (work === undefined) return state;
  const serial = watch.serial + 1;
  const id = idOf(key, serial);
  const pause = pauseOf(watch, at);
  const since = addSeconds(at, pause);
  return withWatch(state, key, { ...watch, serial, task: id, pausing: true, pause, since }, [
    schedule(timerOf(id), since, task, id, submission(work)),
  ]);
};

/** Cancels a task whose timer fired before the timer was cancelled. */
const unwanted = (state: WatchingState, id: string): WatchingState => ({
  ...state,
  decided: [...state.decided, cancel(id, "another watch has taken its place")],
});

/** Notes that the task of a watch was submitted. */
const submitted = (state: WatchingState, id: string): WatchingState => {
  const key = keyOfTask(state, id);
  if (key !== undefined) return withWatch(state, key, { ...watchFor(state, key), pausing: false }, []);
  const older = placeOfOlder(state, id);
  if (older === undefined) return unwanted(state, id);
  const { serial } = older;
  return withWatch(state, older.key, { ...watchFor(state, older.key), task: id, serial, pausing: false }, []);
};

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
    case "host-unrestored":
    case "host-released": {
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
      return isOurs ? submitted(state, event.id) : state;
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
 * Keeps one watch task for the hosts of each graph and target, as long as no deployment changes them. Decisions are
 * part of the state, so they count at once. Otherwise a second event could repeat a decision before the first one's
 * events return from the log.
 */
export const hostWatching: ProcessManager<WatchingState> = {
  name,
  aggregates: [deployment.name, host.name, task.name],
  initial: nothingWatched,
  evolve,
  react: ({ decided }) => decided,
};
