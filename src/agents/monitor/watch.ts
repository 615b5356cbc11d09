import { Schema } from "effect";
import pLimit from "p-limit";
import { Check as CheckOfNode, Closure } from "../../domain/host/desired.ts";
import { isNoticeable } from "../../domain/host/observed.ts";
import { type Operators, operatorFor } from "../deployer/deployer.ts";
import { ailments } from "../deployer/health.ts";
import { isHostUnreachable, type Observation, type Operator } from "../deployer/operator.ts";
import { address, host, ssh } from "../deployer/protocol.ts";
import { messageOf } from "../kit/errors.ts";
import { BackendUnavailable, type TaskContext } from "../kit/mod.ts";
import { pause } from "../kit/pause.ts";
import { reader } from "../kit/reader.ts";
import type { WatchedHost } from "./monitor.ts";

interface WatchRequest {
  readonly target: string;
  readonly hosts: ReadonlyArray<WatchedHost>;
}

const readWatchRequest: (value: unknown) => WatchRequest = reader(
  Schema.Struct({
    target: Schema.NonEmptyString,
    hosts: Schema.Array(Schema.Struct({ host, address, ssh, closure: Closure, checks: Schema.Array(CheckOfNode) })),
  }),
  "payload of a task watch",
);

/** Hosts that are looked at side by side. */
const width = 16;
/** A host that did not answer in so many looks running is reported as unreachable. */
const patience = 3;
/** A check is repeated so often at most: the next look comes soon. */
const mostRetries = 2;

/** What a look has shown: the payload of `host.report-state`. */
interface Sight {
  readonly closure?: string;
  readonly health: "healthy" | "unhealthy" | "unreachable";
  readonly failing: ReadonlyArray<string>;
  readonly drift: boolean;
  readonly observed?: Omit<Observation, "closure">;
}

/** What was said of a host last, and when, in milliseconds since 1970. */
interface Said {
  readonly sight: Sight;
  readonly at: number;
}

/** What watching needs of its task. */
export type WatchContext = Pick<TaskContext, "task" | "signal" | "progress"> & {
  readonly client: Pick<TaskContext["client"], "command">;
};

/**
 * The task `watch`: looks at every host again and again until the task is taken away, and reports what is news. A host
 * that is ill or away is reported, and never ends the watch.
 */
export const watch = async (context: WatchContext, operators: Operators, everySeconds: number): Promise<undefined> => {
  const { target, hosts } = readWatchRequest(context.task.payload);
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

  /** What keeps a host from being looked at is said once, and tried again. */
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
