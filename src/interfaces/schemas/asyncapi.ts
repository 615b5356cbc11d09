import { Schema } from "effect";
import type { Aggregate } from "../../application/aggregate.ts";
import { NewCommit } from "../../application/ports/mod.ts";
import { ArrangementReply, ArrangementRequest } from "../../contract/arrangements.ts";
import { FeedHeaders } from "../../contract/cloud-event.ts";
import { RenewalReply } from "../../contract/credentials.ts";
import { deliveries } from "../../contract/deliveries.ts";
import {
  AcceptedReply,
  answerReply,
  CommandHeaders,
  QueryHeaders,
  RefusalHeaders,
  RefusedReply,
} from "../../contract/envelope.ts";
import { names } from "../../contract/names.ts";
import { ReadingReply, ReadingRequest } from "../../contract/readings.ts";
import { Announcement, DraftMessage, Heartbeat, StepOutput } from "../../contract/signals.ts";
import { publishedViews } from "../../contract/views/mod.ts";
import type { PublishedView } from "../../contract/views/view.ts";
import { defined, type PlainSchema } from "../../domain/kernel/mod.ts";
import { type Json, type JsonObject, makeComponents } from "./components.ts";

/** A subject, and what is sent on it. */
interface Channel {
  /** The subject; a token in braces is a parameter. */
  readonly address: string;
  readonly description: string;
  readonly headers?: JsonObject;
  readonly payload: JsonObject;
  /** The message of the reply channel that answers; without it, nothing is answered. */
  readonly reply?: string;
}

const reference = (path: string): JsonObject => ({ $ref: `#/${path}` });

/** The parameters of an address: each token in braces. */
const parametersOf = (address: string): JsonObject =>
  Object.fromEntries(
    [...address.matchAll(/\{(\w+)\}/gu)].map(([, name = ""]) => [name, reference(`components/parameters/${name}`)]),
  );

/** What the tokens of subjects are. */
const parameters = {
  principal: "The principal that speaks: an agent, a person or a process",
  id: "The id of an aggregate",
  agentId: "The id of an agent",
  source: "What is read: `feed`, `view.<view>`, or `knowledge.<space>`",
  space: "The id of a space of knowledge",
  deployment: "The id of a deployment",
  aggregate: "The name of an aggregate",
};

/**
 * The contract as an AsyncAPI 3.0 document, generated from the schemas that the code decodes with: every command with its
 * reply, every query with its answer, the documents of every view, the events of the feed, deliveries, heartbeats, the
 * log, and what agents publish on core NATS, each with its headers. What several messages have in common is a component.
 */
export const asyncApi = <R>(
  aggregates: ReadonlyArray<Aggregate<R>>,
  options: { readonly version: string; readonly prefix: string },
): JsonObject => {
  const components = makeComponents();
  const { subjects, buckets } = names(options.prefix);
  const channels: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  const replies: Record<string, Json> = {};

  const reply = (name: string, payload: PlainSchema, headers?: PlainSchema): string => {
    replies[name] = defined({ headers: headers && components.of(headers), payload: components.of(payload) });
    return name;
  };
  const refused = reply("refused", RefusedReply, RefusalHeaders);
  const accepted = reply("accepted", AcceptedReply);

  /** The reply to a request: this one, or a refusal. */
  const replyWith = (name: string): JsonObject => ({
    address: { location: "$message.header#/reply" },
    channel: reference("channels/reply"),
    messages: [name, refused].map((one) => reference(`channels/reply/messages/${one}`)),
  });

  /** Adds a channel, on which the backend sends or receives. */
  const add = (action: "send" | "receive", key: string, { address, description, headers, payload, reply }: Channel) => {
    const used = parametersOf(address);
    channels[key] = {
      address,
      description,
      ...defined({ parameters: Object.keys(used).length === 0 ? undefined : used }),
      messages: { message: defined({ headers, payload }) },
    };
    operations[key] = {
      action,
      channel: reference(`channels/${key}`),
      ...defined({ reply: reply === undefined ? undefined : replyWith(reply) }),
    };
  };

  const commandHeaders = components.of(CommandHeaders);
  const feedHeaders = components.of(FeedHeaders);
  for (const aggregate of aggregates) {
    for (const [name, { audience, description, schema }] of Object.entries(aggregate.commands)) {
      if (audience !== "public") continue;
      add("receive", `command.${aggregate.name}.${name}`, {
        address: subjects.command("{principal}", aggregate.name, "{id}", name),
        description,
        headers: commandHeaders,
        payload: components.of(schema),
        reply: accepted,
      });
    }
    for (const [name, { version, description, schema }] of Object.entries(aggregate.events))
      add("send", `feed.${aggregate.name}.${name}.v${version}`, {
        address: subjects.feed(aggregate.name, name, version, "{id}"),
        description,
        headers: feedHeaders,
        payload: components.of(schema),
      });
  }

  const queryHeaders = components.of(QueryHeaders);
  for (const [view, published] of Object.entries<PublishedView>(publishedViews)) {
    add("send", `view.${view}`, {
      address: `$KV.${buckets.view(view)}.{id}`,
      description: `${published.description} A document in the KV bucket ${buckets.view(view)}.`,
      payload: components.of(Schema.toType(published.document)),
    });
    for (const [operation, { description, input, answer }] of Object.entries(published.operations))
      add("receive", `query.${view}.${operation}`, {
        address: subjects.query(view, operation),
        description,
        headers: queryHeaders,
        payload: components.of(input),
        reply: reply(`${view}.${operation}`, answerReply(Schema.toType(answer))),
      });
  }

  add("receive", "reading", {
    address: subjects.reading("{principal}", "{source}"),
    description:
      "In a closed installation: asks for a consumer to read a stream on. The source is `feed`, `view.<view>` or `knowledge.<space>`.",
    payload: components.of(ReadingRequest),
    reply: reply("reading", ReadingReply),
  });
  add("receive", "renewal", {
    address: subjects.renewal("{principal}"),
    description: "In a closed installation: asks for credentials of the same key that end later. The payload is empty.",
    payload: components.of(Schema.Struct({})),
    reply: reply("renewal", RenewalReply),
  });
  add("receive", "arrangement", {
    address: subjects.arrangement("{principal}", "{graph}"),
    description: "Asks for the arrangement of a graph that everybody sees; with `boxes` it replaces it.",
    payload: components.of(ArrangementRequest),
    reply: reply("arrangement", ArrangementReply),
  });
  add("receive", "heartbeat", {
    address: subjects.heartbeat("{agentId}"),
    description: "A sign of life of an agent.",
    payload: components.of(Heartbeat),
  });
  for (const [channel, delivery] of Object.entries(deliveries))
    add("send", `inbox.${channel}`, {
      address: subjects.inbox("{agentId}", channel),
      description: "What an agent takes from its durable consumer `agent-<agentId>` on the stream of inboxes.",
      payload: components.of(delivery),
    });
  add("send", "log", {
    address: subjects.event("{aggregate}", "{id}"),
    description: "The log itself: one message for each commit. Only the backend writes it.",
    payload: components.of(NewCommit),
  });
  add("send", "output", {
    address: subjects.output("{principal}", "{deployment}"),
    description:
      "What the programs of the current step print, on core NATS: nothing keeps it or needs it. The principal is the deployer's.",
    payload: components.of(StepOutput),
  });
  add("send", "draft", {
    address: subjects.draft("{principal}", "{draft}"),
    description:
      "What people who edit one draft of a graph tell each other, on core NATS: nothing keeps it. The principal is the one who says it.",
    payload: components.of(DraftMessage),
  });
  add("send", "announcement", {
    address: subjects.announcement("{principal}", "{space}"),
    description:
      "What a replica of a space writes, for the other replicas, on core NATS before the log has it. The principal is the record's author.",
    payload: components.of(Announcement),
  });

  return {
    asyncapi: "3.0.0",
    info: {
      title: "CIM Leaf",
      version: options.version,
      description: "Commands, queries, views, the feed and agents' deliveries over NATS.",
    },
    defaultContentType: "application/json",
    channels: {
      reply: { address: null, description: "The reply subject of the request", messages: replies },
      ...channels,
    },
    operations,
    components: {
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, description]) => [name, { description }])),
      schemas: components.finish(),
    },
  };
};
