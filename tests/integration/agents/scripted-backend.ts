import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, headers, type Msg } from "@nats-io/transport-node";
import { connect as connectClient } from "../../../src/agents/kit/mod.ts";
import type { TestNats } from "../../support/nats.ts";

export interface ReceivedCommand {
  readonly principal: string;
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  readonly payload: Record<string, unknown>;
  readonly commandId: string;
}

/** What the script says to a command: a refusal, silence, or (undefined) acceptance. */
export type Script = (
  command: ReceivedCommand,
) => { readonly code: string; readonly message: string; readonly details?: object } | "silence" | undefined;

/** The contract's surface with answers from a script: enough of a backend to test a client and an agent against. */
export interface ScriptedBackend {
  /** Commands in the order in which they were applied: repetitions of an accepted one are not among them. */
  readonly applied: ReadonlyArray<ReceivedCommand>;
  /** Every request for a command, repetitions too. */
  readonly received: ReadonlyArray<ReceivedCommand>;
  readonly heartbeats: ReadonlyArray<{ readonly agent: string; readonly payload: unknown }>;
  script: Script;
  /** Answers by `<view>.<operation>`. */
  readonly answers: Map<string, (input: Record<string, unknown>, minPosition: number) => unknown>;
  readonly deliver: (agent: string, channel: string, message: object) => Promise<void>;
  /** Appends an event to the feed. */
  readonly announce: (aggregate: string, event: string, id: string, data: unknown) => Promise<void>;
  readonly putDocument: (view: string, id: string, document: unknown) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const scriptedBackend = async (servers: string, prefix: string): Promise<ScriptedBackend> => {
  const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const jsm = await jetstreamManager(nc);
  const js = jetstream(nc);
  const kvm = new Kvm(js);
  const inbox = `${prefix.toUpperCase()}_INBOX`;
  await jsm.streams.add({ name: inbox, subjects: [`${prefix}.inbox.>`] });
  await jsm.streams.add({ name: `${prefix.toUpperCase()}_FEED`, subjects: [`${prefix}.feed.>`] });

  const applied: Array<ReceivedCommand> = [];
  const received: Array<ReceivedCommand> = [];
  const heartbeats: Array<{ agent: string; payload: unknown }> = [];
  const replies = new Map<string, object>();
  const answers = new Map<string, (input: Record<string, unknown>, minPosition: number) => unknown>();
  const backend = { script: (() => undefined) as Script };

  const openInbox = (agent: string) =>
    jsm.consumers.add(inbox, {
      durable_name: `agent-${agent}`,
      ack_policy: AckPolicy.Explicit,
      ack_wait: 2_000_000_000,
      filter_subject: `${prefix}.inbox.${agent}.>`,
    });

  const onCommand = async (message: Msg) => {
    const [, , principal = "", aggregate = "", id = "", command = ""] = message.subject.split(".");
    const commandId = message.headers?.get("Cim-Command-Id") ?? "";
    const payload = message.json<Record<string, unknown>>();
    const request = { principal, aggregate, id, command, payload, commandId };
    received.push(request);
    const first = replies.get(commandId);
    if (first !== undefined) return message.respond(JSON.stringify({ ...first, duplicate: true }));
    const answer = backend.script(request);
    if (answer === "silence") return;
    if (answer !== undefined) return message.respond(JSON.stringify({ ok: false, error: answer }));
    applied.push(request);
    if (aggregate === "agent" && command === "register") await openInbox(id);
    const position = applied.length;
    const reply = { ok: true, aggregate, id, version: position, position, commandId, events: [], duplicate: false };
    replies.set(commandId, reply);
    return message.respond(JSON.stringify(reply));
  };

  const onQuery = (message: Msg) => {
    const key = message.subject.split(".").slice(2).join(".");
    const minPosition = Number(message.headers?.get("Cim-Min-Position") || 0);
    const answer = answers.get(key);
    const reply =
      answer === undefined
        ? { ok: false, error: { code: "unknown-command", message: `no ${key}` } }
        : { ok: true, position: applied.length, data: answer(message.json(), minPosition) };
    message.respond(JSON.stringify(reply));
  };

  nc.subscribe(`${prefix}.cmd.>`, { callback: (_, message) => void onCommand(message) });
  nc.subscribe(`${prefix}.qry.>`, { callback: (_, message) => onQuery(message) });
  nc.subscribe(`${prefix}.hb.*`, {
    callback: (_, message) => {
      heartbeats.push({ agent: message.subject.split(".").at(-1) ?? "", payload: message.json() });
    },
  });
  answers.set("tasks.list", () => ({ items: [] }));
  await nc.flush();

  return Object.assign(backend, {
    applied,
    received,
    heartbeats,
    answers,
    deliver: async (agent: string, channel: string, message: object) => {
      await js.publish(`${prefix}.inbox.${agent}.${channel}`, JSON.stringify(message));
    },
    announce: async (aggregate: string, event: string, id: string, data: unknown) => {
      const attributes = headers();
      attributes.set("ce-id", `${aggregate}.${id}.1`);
      attributes.set("ce-type", `cim.${aggregate}.${event}.v1`);
      attributes.set("ce-aggregateversion", "1");
      attributes.set("ce-actor", "someone");
      await js.publish(`${prefix}.feed.${aggregate}.${event}.v1.${id}`, JSON.stringify(data), { headers: attributes });
    },
    putDocument: async (view: string, id: string, document: unknown) => {
      await (await kvm.create(`${prefix}_view_${view}`)).put(id, JSON.stringify(document));
    },
    close: async () => {
      // The server knows of it when this is done: what comes next finds nobody.
      if (!nc.isClosed()) await nc.drain();
    },
  });
};

let installations = 0;

/** A scripted backend of an installation of its own, and a client of it that speaks for `principal`. */
export const scriptedInstallation = async (nats: TestNats, principal: string) => {
  installations += 1;
  const prefix = `${nats.prefix}s${installations}`;
  const backend = await scriptedBackend(nats.url, prefix);
  return { backend, client: await connectClient({ servers: nats.url, prefix, principal }) };
};

/** Waits until `condition` holds; fails after two minutes with what it was waiting for. */
export const eventually = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 12_000; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
};
