import { headers, type Msg } from "@nats-io/nats-core";
import type { Turn } from "../../contract/deliveries.ts";
import { answerDiscovery, Endpoint, type MicroService, serviceErrorHeaders } from "../../contract/micro-service.ts";
import { agentHarness, isInbox } from "../../contract/names.ts";
import type { Client } from "./client.ts";
import { Conversation } from "./conversation.ts";
import { isDenied, isTooLarge, messageOf } from "./errors.ts";
import { PromptError, promptOf } from "./prompt-request.ts";

/** The most prompts under way; more are refused. */
const mostPrompts = 64;
/** Milliseconds for which the closing of a failed dialog is tried. An agent that stops waits as long. */
const closeWithin = 10_000;
/** Bytes that a commit or a delivery has on top of the text of a turn. */
const turnOverhead = 8_192;

/**
 * Returns the size of the largest request, in bytes. A text is longer as JSON: quotes, backslashes and line ends take
 * two bytes each. Other control characters take six, so a text full of them is refused later, when it is sent or
 * stored.
 */
const largestPrompt = (maxPayload: number): number => Math.max(1, Math.floor((maxPayload - turnOverhead) / 2));

export interface PromptsOptions {
  readonly client: Client;
  readonly id: string;
  readonly instance: string;
  readonly version: string;
  readonly description: string;
  readonly heartbeatSeconds: number;
  /** The principal that speaks in dialogs for callers that the installation does not know. */
  readonly guest: string;
  readonly takesTurns: boolean;
  /** Takes messages about failures outside the answer itself. */
  readonly log: (message: string) => void;
}

/** An agent as the Agent Protocol shows it to others. */
export interface Prompts {
  readonly beat: () => void;
  /** Runs a handler of a turn. If the turn was a prompt, streams to the caller what the agent says meanwhile. */
  readonly during: (turn: Turn, handler: () => Promise<void>) => Promise<void>;
  /** Refuses further prompts, and ends those under way. */
  readonly stop: () => Promise<void>;
}

/**
 * The prompts of an agent in a closed installation, which takes none from outside. An answer goes to a subject that the
 * caller chose, and whoever may publish to any such subject may speak for everybody.
 */
export const noPrompts: Prompts = {
  beat: () => {},
  during: (_, handler) => handler(),
  stop: async () => {},
};

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
  const endpoint = (name: "prompt" | "status", metadata: Readonly<Record<string, string>>) =>
    new Endpoint({ name, metadata, queueGroup: queues.agentProtocol, subject: subject(name) });
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
  };
  const underWay = new Map<string, Conversation>();
  /** Work that still goes on: answers, and the closing of dialogs. */
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

  /** Closes the dialog of a prompt that failed, if it was opened. The caller does not wait for that. */
  const abandon = async (dialog: string): Promise<void> => {
    try {
      await client.command("dialog", dialog, "close", { reason: "not answered" }, { timeoutMs: closeWithin });
    } catch (error) {
      // A rule refuses it if the dialog was never opened, or is closed already.
      if (isDenied(error)) return;
      log(`the dialog ${dialog} of a prompt may stay open: ${messageOf(error)}`);
    }
  };

  const begin = async (message: Msg): Promise<void> => {
    if (message.data.length > largest) throw tooLarge(`the request has ${message.data.length} bytes`, largest);
    const text = promptOf(message.data);
    if (!options.takesTurns) throw new PromptError(404, "no_handler", `agent ${id} does not take part in dialogs`);
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
    // Without an inbox no caller waits for an answer.
    if (!isInbox(message.reply ?? "")) return;
    const start = process.hrtime.bigint();
    const failure = await begin(message).then(() => undefined, errorOf);
    prompt.count(Number(process.hrtime.bigint() - start), failure?.message);
    if (nats.isClosed()) return;
    if (failure !== undefined) respondError(message, failure);
    message.respond();
  };

  const subscriptions = [
    nats.subscribe(subject("prompt"), {
      queue: queues.agentProtocol,
      callback: (_, message) => keep(onPrompt(message)),
    }),
    nats.subscribe(subject("status"), {
      queue: queues.agentProtocol,
      callback: (_, message) => {
        if (isInbox(message.reply ?? "")) message.respond(heartbeat());
        status.count(0);
      },
    }),
  ];
  const endDiscovery = answerDiscovery(nats, service, () => [prompt, status]);

  return {
    beat: () => {
      if (!nats.isClosed()) nats.publish(subject("hb"), heartbeat());
    },
    during: async (turn, handler) => {
      const conversation = underWay.get(turn.dialog.id);
      if (conversation === undefined) {
        if (!isPrompt(turn, options.guest)) return handler();
        // The caller got a failure, or asked an earlier process: another delivery of the turn would not help.
        await handler().catch((error: unknown) => log(`dialog ${turn.dialog.id}, a prompt: ${messageOf(error)}`));
        return keep(abandon(turn.dialog.id));
      }
      // The caller gets a failure now: another delivery of the turn would not help.
      await handler().then(
        () => conversation.end(),
        (error: unknown) => conversation.fail(error),
      );
    },
    stop: async () => {
      endDiscovery();
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const conversation of underWay.values()) conversation.fail(new Error(`agent ${id} stops`));
      // A conversation that ends may leave a dialog to be closed.
      while (work.size > 0) await Promise.all(work);
    },
  };
};

/** Returns whether a turn was a prompt, here or in another process of the agent. */
const isPrompt = ({ dialog, speaker }: Turn, guest: string): boolean =>
  speaker === guest && /^prompt-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(dialog.id);

const tooLarge = (why: string, largest: number): PromptError =>
  new PromptError(
    400,
    "prompt_too_large",
    `${why}; at most ${largest} bytes are taken, fewer if it has many control characters: send less at once`,
  );

const errorOf = (error: unknown): PromptError =>
  error instanceof PromptError ? error : new PromptError(500, "internal_error", messageOf(error));

const respondError = (message: Msg, { code, error, message: text }: PromptError): void => {
  const errorHeaders = headers();
  for (const [name, value] of Object.entries(serviceErrorHeaders(code, text))) errorHeaders.set(name, value);
  message.respond(JSON.stringify({ error, message: text }), { headers: errorHeaders });
};
