import type { Client } from "./client.ts";
import { parseProposal, parseTask, parseTurn, type Turn, type VotingOpened } from "./deliveries.ts";
import { messageOf } from "./errors.ts";
import { inboxConsumer, readInbox } from "./inbox.ts";
import type { JsonObject } from "./json.ts";
import { backoff, pause } from "./pause.ts";
import type { TaskHandler } from "./task-context.ts";
import { type Tasks, tasks } from "./tasks.ts";

/** What a handler of turns or votes works with. */
export interface AgentContext {
  readonly client: Client;
  /** Aborts when the agent stops. */
  readonly signal: AbortSignal;
}

export interface AgentOptions {
  /** A client whose principal is the agent's id. */
  readonly client: Client;
  readonly id: string;
  readonly name?: string;
  /** What the agent can do: tasks that require other capabilities do not come to it. */
  readonly capabilities: ReadonlyArray<string>;
  /** How many tasks it takes at once; 1 by default. */
  readonly maxConcurrentTasks?: number;
  /** The public nkey of what it signs with; by default that of its client. */
  readonly publicKey?: string;
  readonly metadata?: JsonObject;
  /** 10 by default, as the backend expects. */
  readonly heartbeatSeconds?: number;
  readonly onTask?: TaskHandler;
  /** Something was said in a dialog that the agent takes part in. Where it throws, the turn comes again. */
  readonly onTurn?: (turn: Turn, context: AgentContext) => Promise<void>;
  /** A vote began that the agent has a ballot in. Where it throws, the delivery comes again. */
  readonly onProposal?: (delivery: VotingOpened, context: AgentContext) => Promise<void>;
  /** Takes what goes wrong besides the work itself; standard error by default. */
  readonly log?: (message: string) => void;
}

export interface Agent {
  readonly id: string;
  /**
   * Stops taking work, aborts what runs and waits for it; the client stays open. The tasks it has are given to others
   * when its heartbeats are missed, or at once with `deregister`; an agent that starts again before goes on with them.
   */
  readonly stop: (options?: { readonly deregister?: boolean }) => Promise<void>;
}

/**
 * Registers an agent and lets it work: heartbeats, deliveries, tasks. Resolves when deliveries arrive; throws where no
 * backend answers, or it refuses the registration.
 */
export const startAgent = async (options: AgentOptions): Promise<Agent> => {
  const { client, id, maxConcurrentTasks = 1, heartbeatSeconds = 10 } = options;
  if (client.principal !== id)
    throw new Error(`agent ${id}: its client speaks for ${client.principal}: connect with principal ${id}`);
  const log = options.log ?? ((message: string) => console.error(`agent ${id}: ${message}`));
  const stopped = new AbortController();
  const { signal } = stopped;
  await client.command("agent", id, "register", registration(options));
  const consumer = await inboxConsumer(client, id, 30_000, signal);
  const own = tasks({ client, id, maxConcurrentTasks, onTask: options.onTask ?? cannotWork, signal, log });
  const beat = () => heartbeat(client, id, own.active(), maxConcurrentTasks);
  beat();
  const beating = setInterval(beat, heartbeatSeconds * 1000);
  const resume = () => resumeTasks(own, signal, log);
  const resuming = resume();
  void onReconnect(client, signal, () => {
    beat();
    void resume();
  });
  const context = { client, signal };
  const channels = {
    task: async (message: unknown) => own.take(parseTask(message)),
    turn: async (message: unknown) => options.onTurn?.(parseTurn(message), context),
    proposal: async (message: unknown) => options.onProposal?.(parseProposal(message), context),
  };
  const reading = readInbox({ client, agent: id, channels, signal, log }, consumer);
  return {
    id,
    stop: async ({ deregister = false } = {}) => {
      clearInterval(beating);
      stopped.abort(new Error(`agent ${id} stops`));
      await Promise.all([own.stop(), reading, resuming]);
      if (deregister) await client.command("agent", id, "deregister", {});
    },
  };
};

const registration = ({
  client,
  name,
  capabilities,
  maxConcurrentTasks = 1,
  publicKey = client.publicKey,
  metadata,
}: AgentOptions): object => ({
  capabilities,
  maxConcurrentTasks,
  ...(name === undefined ? {} : { name }),
  ...(publicKey === undefined ? {} : { publicKey }),
  ...(metadata === undefined ? {} : { metadata }),
});

const cannotWork: TaskHandler = async ({ task }) => {
  throw new Error(`this agent has no handler for tasks, and none of type ${task.type}`);
};

const heartbeat = (client: Client, id: string, activeTasks: number, maxConcurrentTasks: number): void => {
  if (client.nats.isClosed()) return;
  client.nats.publish(
    client.names.heartbeat(id),
    JSON.stringify({ activeTasks, load: activeTasks / maxConcurrentTasks }),
  );
};

/** Resumes, again and again while the backend does not answer. */
const resumeTasks = async (own: Tasks, signal: AbortSignal, log: (message: string) => void): Promise<void> => {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await own.resume();
    } catch (error) {
      if (signal.aborted) return;
      log(`the agent's tasks cannot be looked up: ${messageOf(error)}`);
      await pause(backoff(attempt), signal);
    }
  }
};

const onReconnect = async (client: Client, signal: AbortSignal, reconnected: () => void): Promise<void> => {
  for await (const status of client.nats.status()) {
    if (signal.aborted) return;
    if (status.type === "reconnect") reconnected();
  }
};
