import pLimit from "p-limit";
import { type WatchedHost, WatchTask } from "../../contract/host-tasks.ts";
import { isHostUnreachable, type Observation, type Operator } from "../../contract/hosts.ts";
import { isNoticeable } from "../../domain/host/observed.ts";
import { type Operators, operatorFor } from "../deployer/deployer.ts";
import { ailments } from "../deployer/health.ts";
import { messageOf } from "../kit/errors.ts";
import { reader } from "../kit/json.ts";
import { BackendUnavailable, type TaskContext } from "../kit/mod.ts";
import { pause } from "../kit/waiting.ts";

const readWatchTask = reader(WatchTask, "the payload of a task watch");

/** Hosts that are observed side by side. */
const width = 16;
/** A host that did not answer in this number of looks in a row is reported as unreachable. */
const patience = 3;
/** The most repetitions of a check: the next look comes soon. */
const mostRetries = 2;

/** The result of a look: the payload of `host.report-state`. */
interface Sight {
  readonly closure?: string;
  readonly health: "healthy" | "unhealthy" | "unreachable";
  readonly failing: ReadonlyArray<string>;
  readonly drift: boolean;
  readonly observed?: Omit<Observation, "closure">;
}

/** The last report on a host, and its time in milliseconds since 1970. */
interface Said {
  readonly sight: Sight;
  readonly at: number;
}

/** The parts of a task's context that watching needs. */
export type WatchContext = Pick<TaskContext, "task" | "signal" | "progress"> & {
  readonly client: Pick<TaskContext["client"], "command">;
};

/**
 * Does the task `watch`: looks at every host again and again until the task is taken away, and reports each change. A
 * host that is not well or away is reported, and never ends the watch.
 */
export const watch = async (context: WatchContext, operators: Operators, everySeconds: number): Promise<undefined> => {
  const { target, hosts } = readWatchTask(context.task.payload);
  const operator = operatorFor(operators)(target);
  const { client, signal } = context;
  const said = new Map<string, Said>();
  const silent = new Map<string, number>();
  const obstacles = new Map<string, string>();

  const lookAt = async (watched: WatchedHost): Promise<void> => {
    const { host: id, closure: expected } = watched;
    const sight = await see(operator, watched, signal);
    const looks = sight.health === "unreachable" ? (silent.get(id) ?? 0) + 1 : 0;
    silent.set(id, looks);
    if (looks > 0 && looks < patience) return;
    const at = Date.now();
    if (!isNews(said.get(id), sight, at)) return;
    await client.command("host", id, "report-state", { ...sight, expected }, { signal });
    said.set(id, { sight, at });
  };

  /** An obstacle to a look is reported once, and the look is tried again. */
  const lookOrTell = async (watched: WatchedHost): Promise<void> => {
    try {
      await lookAt(watched);
      obstacles.delete(watched.host);
    } catch (error) {
      signal.throwIfAborted();
      const obstacle = `${watched.host} could not be looked at: ${messageOf(error)}`;
      if (error instanceof BackendUnavailable || obstacles.get(watched.host) === obstacle) return;
      obstacles.set(watched.host, obstacle);
      await context.progress({ message: obstacle });
    }
  };

  for (;;) {
    const slot = pLimit(width);
    await Promise.all(hosts.map((watched) => slot(() => lookOrTell(watched))));
    signal.throwIfAborted();
    await pause(everySeconds * 1000, signal);
    signal.throwIfAborted();
  }
};

const isNews = (before: Said | undefined, { observed, ...state }: Sight, at: number): boolean => {
  if (before === undefined) return true;
  const { observed: known, ...said } = before.sight;
  if (JSON.stringify(said) !== JSON.stringify(state)) return true;
  return observed !== undefined && isNoticeable(known, observed, (at - before.at) / 1000);
};

const see = async (operator: Operator, watched: WatchedHost, signal: AbortSignal): Promise<Sight> => {
  const checks = watched.checks.map((check) => ({ ...check, retries: Math.min(check.retries, mostRetries) }));
  try {
    const { closure, ...observed } = await operator.observe(watched, signal);
    const ill = await ailments(operator, watched, checks, signal);
    const failing = [...new Set(ill.map(({ node }) => node))].sort();
    const health = failing.length === 0 ? "healthy" : "unhealthy";
    return { closure, health, failing, drift: closure !== watched.closure, observed };
  } catch (error) {
    if (!isHostUnreachable(error)) throw error;
    return { health: "unreachable", failing: [], drift: false };
  }
};
