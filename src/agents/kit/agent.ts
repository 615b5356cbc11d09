import { readFileSync } from "node:fs";
import { nuid } from "@nats-io/nats-core";
import type { Commands } from "../../contract/commands.ts";
import { ProposalDelivery, TaskDelivery, type Turn } from "../../contract/deliveries.ts";
import type { Heartbeat } from "../../contract/signals.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { type AgentContext, type AgentOptions, refuseNonsense } from "./agent-options.ts";
import { type Client, connect } from "./client.ts";
import { takeDialogDelivery } from "./dialogs.ts";
import { messageOf } from "./errors.ts";
import { inboxConsumer, readInbox } from "./inbox.ts";
import { isObject, reader } from "./json.ts";
import { noPrompts, servePrompts } from "./prompts.ts";
import { type Succession, succession } from "./succession.ts";
import type { TaskHandler } from "./task-context.ts";
import { tasks } from "./tasks.ts";
import { backoff, deferred, pause } from "./waiting.ts";

const readTask = reader(TaskDelivery, "a delivery of a task");
const readVote = reader(ProposalDelivery, "a delivery of a vote");

const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
/** The version of the package that the kit is a part of, in SemVer. */
const kitVersion = isObject(manifest) ? String(manifest.version) : "0.0.0";

/**
 * Why an agent does not work any more: it was stopped, another process registered under its id, or it was signed off.
 */
export type AgentEnd = "stopped" | "replaced" | "deregistered";

export interface Agent {
  readonly id: string;
  /** The id of this run. A process that registers later under the same agent id has another one. */
  readonly instance: string;
  readonly client: Client;
  /** Resolves when it does not work any more. */
  readonly ended: Promise<AgentEnd>;
  /**
   * Stops taking work, aborts the running tasks and waits for them; a handler that waits for this waits for ever. The
   * tasks of the agent go to other agents when its heartbeats are missed, or at once with `deregister` if a backend
   * answers. If the agent starts again before, it goes on with them.
   */
  readonly stop: (options?: { readonly deregister?: boolean }) => Promise<void>;
}

export const Agent = {
  /**
   * Registers an agent and lets it work: heartbeats, deliveries, tasks, prompts from outside. Resolves when deliveries
   * arrive. Throws if no backend answers or it refuses the registration.
   */
  make: async (options: AgentOptions): Promise<Agent> => {
    if (options.client !== undefined) return started(options.client, options, async () => undefined);
    const { id, connection = { servers: "nats://127.0.0.1:4222" } } = options;
    const client = await connect({ ...connection, principal: id });
    try {
      return await started(client, options, client.close);
    } catch (error) {
      await client.close();
      throw error;
    }
  },
} as const;

const started = async (client: Client, options: AgentOptions, disconnect: () => Promise<void>): Promise<Agent> => {
  const { id, maxConcurrentTasks = 1, maxConcurrentProposals = 16, heartbeatSeconds = 10 } = options;
  const { name = id, guest = "guest" } = options;
  refuseNonsense({ id, guest, maxConcurrentProposals, heartbeatSeconds });
  if (client.principal !== id)
    throw new Error(`agent ${id}: its client speaks for ${client.principal}: connect with principal ${id}`);
  const log = options.log ?? ((message: string) => console.error(`agent ${id}: ${message}`));
  const stopped = new AbortController();
  const { signal } = stopped;
  const instance = nuid.next();
  const ended = deferred<AgentEnd>();
  const successor = succession(client, id, instance, (over) => {
    log(
      over.how === "replaced"
        ? `another process has registered under this id (${over.by}): this one stops`
        : "this agent was signed off: it stops",
    );
    void end(over.how);
  });
  const { consumer, own } = await joined(client, options, { instance, successor, signal, log }).catch((error) => {
    successor.stop();
    throw error;
  });
  const { version = kitVersion, description = name, onTurn } = options;
  const takesTurns = onTurn !== undefined;
  const prompts = client.isPeer
    ? noPrompts
    : servePrompts({ client, id, instance, heartbeatSeconds, log, version, description, guest, takesTurns });
  const beat = () => {
    heartbeat(client, id, { activeTasks: own.active(), load: own.active() / maxConcurrentTasks, instance });
    prompts.beat();
  };
  beat();
  const beating = setInterval(beat, heartbeatSeconds * 1000);
  const resume = () => patiently("the agent's tasks cannot be looked up", own.resume, signal, log);
  const resuming = resume();
  void onReconnect(client, signal, () => {
    beat();
    void resume();
    void patiently("whether another process has this id cannot be looked up", successor.check, signal, log);
  });
  const context = { client, signal };
  const handlers =
    onTurn === undefined
      ? options
      : {
          ...options,
          onTurn: (turn: Turn, answering: AgentContext) => prompts.during(turn, async () => onTurn(turn, answering)),
        };
  const channels = {
    task: { handle: async (message: unknown) => own.take(readTask(message)) },
    turn: { handle: async (message: unknown) => takeDialogDelivery(handlers, message, context) },
    proposal: {
      handle: async (message: unknown) => options.onProposal?.(readVote(message), context),
      atOnce: maxConcurrentProposals,
    },
  };
  const reading = readInbox({ client, agent: id, channels, signal, log }, consumer);

  let ending: Promise<void> | undefined;
  const end = (how: AgentEnd, deregister = false): Promise<void> => {
    ending ??= (async () => {
      clearInterval(beating);
      successor.stop();
      await prompts.stop();
      stopped.abort(new Error(`agent ${id} stops`));
      await Promise.all([own.stop(), reading, resuming]);
      if (deregister) await signOff(client, id, instance, log);
    })().finally(async () => {
      await disconnect();
      ended.resolve(how);
    });
    return ending;
  };
  return {
    id,
    instance,
    client,
    ended: ended.promise,
    stop: ({ deregister = false } = {}) => end("stopped", deregister),
  };
};

/** Registers the agent. Returns the consumer of its inbox, and its tasks. */
const joined = async (
  client: Client,
  options: AgentOptions,
  run: {
    readonly instance: string;
    readonly successor: Succession;
    readonly signal: AbortSignal;
    readonly log: (message: string) => void;
  },
) => {
  const { id, maxConcurrentTasks = 1, onTask = cannotWork } = options;
  const { instance, successor, signal, log } = run;
  const accepted = await client.command("agent", id, "register", { ...registration(client, options), instance });
  const consumer = await inboxConsumer(client, id, 30_000, signal);
  successor.registered(accepted);
  return { consumer, own: tasks({ client, id, instance, maxConcurrentTasks, onTask, signal, log }) };
};

/** Milliseconds that an agent that stops waits for the backend to sign it off. */
const signOffWithin = 5_000;

const signOff = async (client: Client, id: string, instance: string, log: (message: string) => void): Promise<void> => {
  try {
    await client.command("agent", id, "deregister", { instance }, { timeoutMs: signOffWithin });
  } catch (error) {
    log(`it was not signed off, and will be found to be offline: ${messageOf(error)}`);
  }
};

const registration = (
  client: Client,
  { name, capabilities, maxConcurrentTasks = 1, publicKey = client.publicKey, metadata }: AgentOptions,
): Commands["agent"]["register"] => defined({ capabilities, maxConcurrentTasks, name, publicKey, metadata });

const cannotWork: TaskHandler = async ({ task }) => {
  throw new Error(`this agent has no handler for tasks, and none of type ${task.type}`);
};

const heartbeat = (client: Client, id: string, payload: Heartbeat): void => {
  if (!client.nats.isClosed()) client.nats.publish(client.names.subjects.heartbeat(id), JSON.stringify(payload));
};

/** Does `work`, and repeats it with growing pauses while it fails. */
const patiently = async (
  complaint: string,
  work: () => Promise<void>,
  signal: AbortSignal,
  log: (message: string) => void,
): Promise<void> => {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return;
      log(`${complaint}: ${messageOf(error)}`);
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
