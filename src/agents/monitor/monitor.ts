import pLimit from "p-limit";
import { MonitorTask, type WatchedHost } from "../../contract/host-tasks.ts";
import { isHostUnreachable, type Operator } from "../../contract/hosts.ts";
import { type Operators, operatorFor } from "../deployer/deployer.ts";
import { ailments } from "../deployer/health.ts";
import { messageOf } from "../kit/errors.ts";
import { reader } from "../kit/json.ts";
import { Agent, type Client, type TaskContext, TaskFailed } from "../kit/mod.ts";
import { pause } from "../kit/waiting.ts";
import { watch } from "./watch.ts";

const readMonitorTask = reader(MonitorTask, "the payload of a task monitor");

export interface MonitorOptions {
  readonly client: Client;
  readonly id: string;
  readonly operators: Operators;
  /** Seconds between two looks at the hosts; 1 by default. */
  readonly everySeconds?: number;
  /** Seconds between two looks at hosts that no deployment is changing; 15 by default. */
  readonly watchEverySeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** Deployments and graphs that are watched at once: each deployed graph has a watch without an end. */
const maxConcurrentTasks = 256;
/** Hosts of a deployment that are observed side by side. */
const width = 16;
/** A host that did not answer in this number of looks in a row counts as unhealthy. */
const patience = 5;

/** Starts an agent that carries out the tasks `monitor` and `watch`. */
export const startMonitor = ({
  operators,
  everySeconds = 1,
  watchEverySeconds = 15,
  ...agent
}: MonitorOptions): Promise<Agent> =>
  Agent.make({
    ...agent,
    name: "Monitor",
    capabilities: ["monitor"],
    maxConcurrentTasks,
    onTask: async (context) => {
      const { type } = context.task;
      if (type === "monitor") return monitor(context, operators, everySeconds);
      if (type === "watch") return watch(context, operators, watchEverySeconds);
      throw new TaskFailed("unknown-task", { detail: `a monitor does monitor and watch, not ${type}` });
    },
  });

/** The payload of `host.report-state`, and the reason if the deployment fails by it. */
interface Sight {
  readonly state: {
    readonly closure?: string;
    readonly health: "healthy" | "unhealthy" | "unreachable";
    readonly failing: ReadonlyArray<string>;
    readonly drift: boolean;
  };
  readonly failure?: { readonly reason: "unhealthy" | "drift"; readonly node?: string; readonly detail: string };
}

/** The parts of a task's context that monitoring needs. */
export type MonitorContext = Pick<TaskContext, "task" | "signal"> & { readonly client: Pick<Client, "command"> };

/** Does the task `monitor`: looks at every host until the time is over. Fails at the first host that is not well. */
export const monitor = async (
  context: MonitorContext,
  operators: Operators,
  everySeconds: number,
): Promise<undefined> => {
  const { deployment, target, seconds, hosts } = readMonitorTask(context.task.payload);
  const operator = operatorFor(operators)(target);
  const { client, signal } = context;
  const until = Date.now() + seconds * 1000;
  const reported = new Map<string, string>();
  const silent = new Map<string, number>();

  const lookAt = async (host: WatchedHost): Promise<void> => {
    const { state, failure } = await see(operator, host, signal);
    const known = JSON.stringify(state);
    if (reported.get(host.host) !== known) {
      await client.command("host", host.host, "report-state", { ...state, deployment }, { signal });
      reported.set(host.host, known);
    }
    const looks = state.health === "unreachable" ? (silent.get(host.host) ?? 0) + 1 : 0;
    silent.set(host.host, looks);
    if (failure === undefined || (looks > 0 && looks < patience)) return;
    const { reason, ...data } = failure;
    throw new TaskFailed(reason, { host: host.host, ...data });
  };

  for (;;) {
    const slot = pLimit(width);
    const looks = await Promise.allSettled(hosts.map((host) => slot(() => lookAt(host))));
    signal.throwIfAborted();
    for (const look of looks) if (look.status === "rejected") throw look.reason;
    const answering = hosts.every(({ host }) => silent.get(host) === 0);
    if (Date.now() >= until && answering) return undefined;
    await pause(everySeconds * 1000, signal);
    signal.throwIfAborted();
  }
};

const see = async (operator: Operator, host: WatchedHost, signal: AbortSignal): Promise<Sight> => {
  try {
    const { closure } = await operator.current(host, signal);
    const drift = closure !== host.closure;
    const ill = await ailments(operator, host, host.checks, signal);
    const failing = [...new Set(ill.map(({ node }) => node))].sort();
    const state = { closure, health: ill.length === 0 ? "healthy" : "unhealthy", failing, drift } as const;
    if (drift) return { state, failure: { reason: "drift", detail: `it runs ${closure}, not ${host.closure}` } };
    const [ailment] = ill;
    return ailment === undefined ? { state } : { state, failure: { reason: "unhealthy", ...ailment } };
  } catch (error) {
    if (!isHostUnreachable(error)) throw error;
    const state = { health: "unreachable", failing: [], drift: false } as const;
    return { state, failure: { reason: "unhealthy", detail: `it does not answer: ${messageOf(error)}` } };
  }
};
