import { type Operators, startDeployer } from "./deployer/deployer.ts";
import { messageOf } from "./kit/errors.ts";
import { isObject } from "./kit/json.ts";
import { type Agent, type Client, type ClientOptions, connect } from "./kit/mod.ts";
import { startMonitor } from "./monitor/monitor.ts";
import { startReviewer, topics } from "./reviewers/reviewer.ts";

export type { Operators } from "./deployer/deployer.ts";

/** How to connect, and what the agents work with. */
export interface ReferenceAgentsOptions extends Omit<ClientOptions, "principal"> {
  /** Operators by the target of a deployment: a deployment to another target fails, and says so. */
  readonly operators: Operators;
  /** 10 by default. */
  readonly heartbeatSeconds?: number;
  /** How long the deployers try a host that does not answer, in seconds; 60 by default. */
  readonly reachWithinSeconds?: number;
  /** See the deployer's; 60 by default. */
  readonly confirmationMarginSeconds?: number;
  /** Seconds between two looks of the monitor at hosts that no deployment is changing; 15 by default. */
  readonly watchEverySeconds?: number;
}

export interface ReferenceAgents {
  readonly ids: ReadonlyArray<string>;
  /** Stops them all and closes their connections. */
  readonly stop: () => Promise<void>;
}

/** Starts one of them with a client that speaks for it. */
type Start = (client: Client, id: string) => Promise<Agent>;

/** An agent that is started again when its successor is gone. */
interface Kept {
  readonly id: string;
  readonly stop: () => Promise<void>;
}

/** Waits until who came after an instance of an agent is gone; what the view still says of the instance itself is old. */
const vacancy = async (client: Client, { id, instance }: Agent, signal: AbortSignal): Promise<void> => {
  for await (const { document } of client.watch("agents", { id }, signal)) {
    if (!isObject(document) || document.instance === instance) continue;
    if (document.status === "offline" || document.registered === false) return;
  }
};

/** Starts an agent; where another backend's replaces it, it stands by and comes back when that one is gone. */
const keep = async (client: Client, id: string, start: Start): Promise<Kept> => {
  const stopped = new AbortController();
  const { signal } = stopped;
  let current = await start(client, id);
  const keeping = (async () => {
    while ((await current.ended) === "replaced" && !signal.aborted) {
      await vacancy(client, current, signal);
      if (signal.aborted) return;
      current = await start(client, id);
      // It was stopped while it came back: nobody else would end what has just begun.
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
 * Starts the agents that come with CIM Leaf: a reviewer for each topic, two deployers, so that another one takes over
 * when one dies, and a monitor. Each has a connection of its own. Throws, and leaves none behind, where one fails.
 */
export const startReferenceAgents = async (options: ReferenceAgentsOptions): Promise<ReferenceAgents> => {
  const {
    operators,
    heartbeatSeconds,
    reachWithinSeconds,
    confirmationMarginSeconds,
    watchEverySeconds,
    ...connection
  } = options;
  const beating = heartbeatSeconds === undefined ? {} : { heartbeatSeconds };
  const patience = {
    ...(reachWithinSeconds === undefined ? {} : { reachWithinSeconds }),
    ...(confirmationMarginSeconds === undefined ? {} : { confirmationMarginSeconds }),
  };
  const watching = watchEverySeconds === undefined ? {} : { watchEverySeconds };
  const deployer: Start = (client, id) => startDeployer({ client, id, operators, ...beating, ...patience });
  const starts: ReadonlyArray<readonly [string, Start]> = [
    ...topics.map(
      (topic) => [topic, (client: Client, id: string) => startReviewer({ client, id, topic, ...beating })] as const,
    ),
    ["deployer-1", deployer],
    ["deployer-2", deployer],
    ["monitor", (client, id) => startMonitor({ client, id, operators, ...beating, ...watching })],
  ];
  const started = await Promise.allSettled(
    starts.map(async ([id, start]) => {
      const client = await connect({ ...connection, principal: id });
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
