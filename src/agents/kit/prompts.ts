import { headers, type Msg } from "@nats-io/nats-core";
import { agentHarness } from "../../contract/names.ts";
import type { Client } from "./client.ts";
import { Conversation } from "./conversation.ts";
import type { Turn } from "./deliveries.ts";
import { CommandRefused, isTooLarge, messageOf } from "./errors.ts";
import { answerDiscovery, type Endpoint, type MicroService } from "./micro-service.ts";
import { PromptError, promptOf } from "./prompt-request.ts";

/** Prompts that may be under way; more are refused. */
const mostPrompts = 64;
/** Milliseconds for which a dialog that came to nothing is tried to be closed; an agent that stops waits as long. */
const closeWithin = 10_000;
/** Bytes that a commit or a delivery has besides the text of a turn. */
const turnOverhead = 8_192;

/**
 * The largest request that is taken, in bytes. As JSON a text is longer: quotes, backslashes and line ends take two
 * bytes each. (Other control characters take six: a text full of them is refused by who sends or stores it.)
 */
const largestPrompt = (maxPayload: number): number => Math.max(1, Math.floor((maxPayload - turnOverhead) / 2));

export interface PromptsOptions {
  readonly client: Client;
  readonly id: string;
  readonly instance: string;
  readonly version: string;
  readonly description: string;
  readonly heartbeatSeconds: number;
  /** Who speaks in dialogs for callers that the installation does not know. */
  readonly guest: string;
  readonly takesTurns: boolean;
  /** Takes what goes wrong besides the answer itself. */
  readonly log: (message: string) => void;
}

/** An agent as the Agent Protocol shows it to others. */
export interface Prompts {
  readonly beat: () => void;
  /** Lets a handler have a turn; where the turn was a prompt, what the agent says then is streamed to the caller. */
  readonly during: (turn: Turn, handler: () => Promise<void>) => Promise<void>;
  /** Takes no more prompts, and ends those under way. */
  readonly stop: () => Promise<void>;
}

/**
 * Makes an agent reachable by the Synadia Agent Protocol for NATS 0.3 (synadia-ai/synadia-agent-sdk-docs,
 * core-protocol.md): discovery as the micro service `agents`, heartbeats, `status`, and `prompt`. A prompt opens a
 * direct dialog in which a guest says it; the agent gets it as any other turn, and each thing that it says there is a
 * chunk of the answer.
 */
export const servePrompts = (options: PromptsOptions): Prompts => {
  const { client, id, instance, log } = options;
  const { nats } = client;
  const largest = largestPrompt(nats.info?.max_payload ?? 1_048_576);
  const { subjects, queues, prefix } = client.names;
  const subject = (verb: Parameters<typeof subjects.agentProtocol>[0]) => subjects.agentProtocol(verb, id);
  const endpoint = (name: "prompt" | "status", metadata: Endpoint["metadata"]): Endpoint => ({
    name,
    metadata,
    queueGroup: queues.agentProtocol,
    subject: subject(name),
    statistics: { requests: 0, errors: 0, processingTime: 0 },
  });
  const prompt = endpoint("prompt", {
    max_payload: `${largest}B`,
    attachments_ok: "false",
  });
  const status = endpoint("status", {});
  const identity = { agent: agentHarness, owner: prefix, session: id };
  const service: MicroService = {
    id: instance,
    name: "agents",
    version: options.version,
    description: options.description,
    metadata: { ...identity, protocol_version: "0.3" },
    endpoints: [prompt, status],
  };
  const underWay = new Map<string, Conversation>();
  /** What still goes on: answers, and the closing of dialogs. */
  const work = new Set<Promise<void>>();
  const guest = client.speakingFor(options.guest);
  const heartbeat = () =>
    JSON.stringify({
      ...identity,
      instance_id: instance,
      ts: new Date().toISOString(),
      interval_s: options.heartbeatSeconds,
    });

  const keep = (promise: Promise<void>): void => {
    const kept = promise
      .catch((error: unknown) => log(`a prompt: ${messageOf(error)}`))
      .finally(() => work.delete(kept));
    work.add(kept);
  };

  /** Closes the dialog of a prompt that nobody waits for, where it was opened; who failed it does not wait for that. */
  const abandon = async (dialog: string): Promise<void> => {
    try {
      await client.command("dialog", dialog, "close", { reason: "not answered" }, { timeoutMs: closeWithin });
    } catch (error) {
      // A rule refuses what was never opened, and what is closed.
      if (error instanceof CommandRefused && error.code === "rejected") return;
      log(`the dialog ${dialog} of a prompt may stay open: ${messageOf(error)}`);
    }
  };

  const begin = async (message: Msg): Promise<void> => {
    if (message.data.length > largest) throw tooLarge(`the request has ${message.data.length} bytes`, largest);
    const text = promptOf(message.data);
    if (!options.takesTurns) throw new PromptError(404, "no_handler", `agent ${id} takes part in no dialogs`);
    if (underWay.size >= mostPrompts) throw new PromptError(429, "too_many_prompts", `agent ${id} is busy: try later`);
    const dialog = `prompt-${crypto.randomUUID()}`;
    const conversation = new Conversation(client, id, dialog, message, log);
    underWay.set(dialog, conversation);
    try {
      conversation.acknowledge();
      const { signal } = conversation;
      const opening = { type: "direct" as const, topic: `a prompt to ${id}`, participants: [options.guest, id] };
      await guest.command("dialog", dialog, "open", opening, { signal });
      await guest.command("dialog", dialog, "say", { text }, { signal }).catch((error: unknown) => {
        throw isTooLarge(error) && !signal.aborted
          ? tooLarge(`as a turn it is too large: ${messageOf(error)}`, largest)
          : error;
      });
      await conversation.answered;
    } catch (error) {
      keep(abandon(dialog));
      throw error;
    } finally {
      underWay.delete(dialog);
      conversation.release();
    }
  };

  const onPrompt = async (message: Msg): Promise<void> => {
    // Without a reply subject nobody waits for an answer.
    if (message.reply === undefined || message.reply === "") return;
    const start = process.hrtime.bigint();
    const failure = await begin(message).then(() => undefined, errorOf);
    if (failure !== undefined) {
      prompt.statistics.errors += 1;
      prompt.statistics.lastError = failure.message;
    }
    prompt.statistics.requests += 1;
    prompt.statistics.processingTime += Number(process.hrtime.bigint() - start);
    if (nats.isClosed()) return;
    if (failure !== undefined) respondError(message, failure);
    message.respond();
  };

  const subscriptions = [
    nats.subscribe(prompt.subject, { queue: queues.agentProtocol, callback: (_, message) => keep(onPrompt(message)) }),
    nats.subscribe(status.subject, {
      queue: queues.agentProtocol,
      callback: (_, message) => {
        status.statistics.requests += 1;
        message.respond(heartbeat());
      },
    }),
  ];
  const endDiscovery = answerDiscovery(nats, service);

  return {
    beat: () => {
      if (!nats.isClosed()) nats.publish(subject("hb"), heartbeat());
    },
    during: async (turn, handler) => {
      const conversation = underWay.get(turn.dialog.id);
      if (conversation === undefined) {
        if (!isPrompt(turn, options.guest)) return handler();
        // Its caller was told of a failure, or asked an earlier process: that the turn comes again would help nobody.
        await handler().catch((error: unknown) => log(`dialog ${turn.dialog.id}, a prompt: ${messageOf(error)}`));
        return keep(abandon(turn.dialog.id));
      }
      // The caller learns of a failure now; that the turn comes again would help nobody.
      await handler().then(
        () => conversation.end(),
        (error: unknown) => conversation.fail(error),
      );
    },
    stop: async () => {
      endDiscovery();
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const conversation of underWay.values()) conversation.fail(new Error(`agent ${id} stops`));
      // What ends may leave a dialog to be closed.
      while (work.size > 0) await Promise.all(work);
    },
  };
};

/** A turn that was, here or in another process of the agent, a prompt. */
const isPrompt = ({ dialog, speaker }: Turn, guest: string): boolean =>
  speaker === guest && /^prompt-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(dialog.id);

const tooLarge = (why: string, largest: number): PromptError =>
  new PromptError(
    400,
    "prompt_too_large",
    `${why}; at most ${largest} bytes are taken, fewer where it has many control characters: send less at once`,
  );

const errorOf = (error: unknown): PromptError =>
  error instanceof PromptError ? error : new PromptError(500, "internal_error", messageOf(error));

const respondError = (message: Msg, { code, error, message: text }: PromptError): void => {
  const errorHeaders = headers();
  errorHeaders.set("Nats-Service-Error-Code", String(code));
  errorHeaders.set("Nats-Service-Error", text.replaceAll(/[\r\n]+/g, " "));
  message.respond(JSON.stringify({ error, message: text }), { headers: errorHeaders });
};
