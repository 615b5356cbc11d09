import type { LockReference } from "../contract/hosts.ts";
import { defined } from "../domain/kernel/mod.ts";
import { type Operators, startDeployer } from "./deployer/deployer.ts";
import { messageOf } from "./kit/errors.ts";
import { type Agent, type Client, type ClientOptions, connect } from "./kit/mod.ts";
import { startMonitor } from "./monitor/monitor.ts";
import { startReviewer } from "./reviewers/reviewer.ts";
import { deployers, type Topic, topics } from "./roster.ts";

export type { Operators } from "./deployer/deployer.ts";

/** How to connect, and the settings of the agents. */
export interface ReferenceAgentsOptions extends Omit<ClientOptions, "principal"> {
  /** Operators by the target of a deployment. A deployment to another target fails with a message that says so. */
  readonly operators: Operators;
  /** See `DeployerOptions`. */
  readonly lockReference?: LockReference;
  /** 10 by default. */
  readonly heartbeatSeconds?: number;
  /** Seconds for which the deployers try a host that does not answer; 60 by default. */
  readonly reachWithinSeconds?: number;
  /** See `DeployerOptions`; 60 by default. */
  readonly confirmationMarginSeconds?: number;
  /** Seconds between two looks of the monitor at hosts that no deployment is changing; 15 by default. */
  readonly watchEverySeconds?: number;
  /** The credentials of an agent, if each has its own. */
  readonly credentialsOf?: (id: string) => Promise<() => string>;
}

export interface ReferenceAgents {
  readonly ids: ReadonlyArray<string>;
  /** Stops them all and closes their connections. */
  readonly stop: () => Promise<void>;
}

/** Starts one of the agents with a client that speaks for it. */
type Start = (client: Client, id: string) => Promise<Agent>;

/** An agent that is started again when its successor is gone. */
interface Kept {
  readonly id: string;
  readonly stop: () => Promise<void>;
}

/** Waits until the successor of an instance is gone. What the view still shows of the instance itself is old. */
const vacancy = async (client: Client, { id, instance }: Agent, signal: AbortSignal): Promise<void> => {
  for await (const { document } of client.watch("agents", { id }, signal)) {
    if (document === undefined || document.instance === instance) continue;
    if (document.status === "offline" || !document.registered) return;
  }
};

/** Starts an agent. If the agent of another backend replaces it, it waits and starts again when that one is gone. */
const keep = async (client: Client, id: string, start: Start): Promise<Kept> => {
  const stopped = new AbortController();
  const { signal } = stopped;
  let current = await start(client, id);
  const keeping = (async () => {
    while ((await current.ended) === "replaced" && !signal.aborted) {
      await vacancy(client, current, signal);
      if (signal.aborted) return;
      current = await start(client, id);
      // It was stopped while it started again: no other code would end it.
      if (signal.aborted) await current.stop();
    }
  })().catch((error: unknown) => console.error(`agent ${id} does not come back: ${messageOf(error)}`));
  return {
    id,
    stop: async () => {
      stopped.abort();
      await current.stop();
      await keeping;
    },
  };
};

/**
 * Starts the agents that come with CIM Leaf: a reviewer for each topic, a monitor, and two deployers, so that one takes
 * over when the other one dies. Each has a connection of its own. If one fails to start, stops the others and throws.
 */
export const startReferenceAgents = async (options: ReferenceAgentsOptions): Promise<ReferenceAgents> => {
  const {
    operators,
    lockReference,
    heartbeatSeconds,
    reachWithinSeconds,
    confirmationMarginSeconds,
    watchEverySeconds,
    credentialsOf,
    ...connection
  } = options;
  const deployer: Start = (client, id) =>
    startDeployer(
      defined({
        client,
        id,
        operators,
        lockReference,
        heartbeatSeconds,
        reachWithinSeconds,
        confirmationMarginSeconds,
      }),
    );
  const monitor: Start = (client, id) =>
    startMonitor(defined({ client, id, operators, heartbeatSeconds, watchEverySeconds }));
  const reviewer =
    (topic: Topic): Start =>
    (client, id) =>
      startReviewer(defined({ client, id, topic, heartbeatSeconds }));
  const starts: ReadonlyArray<readonly [string, Start]> = [
    ...topics.map((topic) => [topic, reviewer(topic)] as const),
    ...deployers.map((id) => [id, deployer] as const),
    ["monitor", monitor],
  ];
  const started = await Promise.allSettled(
    starts.map(async ([id, start]) => {
      const own = defined({ credentials: await credentialsOf?.(id) });
      const client = await connect({ ...connection, ...own, principal: id });
      try {
        return { client, agent: await keep(client, id, start) };
      } catch (error) {
        await client.close();
        throw error;
      }
    }),
  );
  const running = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const stop = async () => {
    await Promise.all(running.map(({ agent, client }) => agent.stop().finally(() => client.close())));
  };
  const failed = started.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { ids: running.map(({ agent }) => agent.id), stop };
};
