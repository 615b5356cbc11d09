import { Schema } from "effect";
import type { Aggregate } from "../../application/aggregate.ts";
import { ErrorCode } from "../../application/command-error.ts";
import { NewCommit } from "../../application/ports/mod.ts";
import { StepOutput } from "../../contract/signals.ts";
import { publishedViews } from "../../contract/views/mod.ts";
import type { Operation } from "../../contract/views/view.ts";
import type { PlainSchema } from "../../domain/kernel/mod.ts";
import { Entry } from "../../domain/knowledge/record.ts";

type Json = Schema.Json;
type JsonObject = { readonly [key: string]: Json };

const Accepted = Schema.Struct({
  ok: Schema.Literal(true),
  aggregate: Schema.String,
  id: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  commandId: Schema.String,
  events: Schema.Array(Schema.String),
  duplicate: Schema.Boolean,
});

const Refused = Schema.Struct({
  ok: Schema.Literal(false),
  error: Schema.Struct({
    code: ErrorCode,
    message: Schema.String,
    details: Schema.optionalKey(Schema.Json),
  }),
});

const Answer = Schema.Struct({ ok: Schema.Literal(true), position: Schema.Int, data: Schema.Json });

const Heartbeat = Schema.Struct({
  activeTasks: Schema.optionalKey(Schema.Int),
  load: Schema.optionalKey(Schema.Finite),
  instance: Schema.optionalKey(Schema.String),
});

const Delivery = Schema.StructWithRest(Schema.Struct({ deliveryId: Schema.String, kind: Schema.String }), [
  Schema.Record(Schema.String, Schema.Json),
]);

const headers = (names: Readonly<Record<string, string>>): Json => ({
  type: "object",
  properties: Object.fromEntries(
    Object.entries(names).map(([name, description]) => [name, { type: "string", description }]),
  ),
});

const commandHeaders = headers({
  "Cim-Command-Id": "A retry with the same id gets the first reply again and changes nothing",
  "Cim-Expected-Version": "Refuse with `conflict` unless the aggregate is at this version",
  "Cim-Correlation-Id": "Carried on to everything that follows",
  "Cim-Causation-Id": "What led to this command",
  traceparent: "W3C Trace Context",
  "Cim-Signature": "base64url Ed25519 over `<command id>\\n<subject>\\n<hex SHA-256 of the payload>`",
  "Cim-Public-Key": "The nkey (U…) of the signature",
});

const feedHeaders = headers({
  "ce-id": "`<aggregate>.<id>.<version>`, also the Nats-Msg-Id",
  "ce-type": "`cim.<aggregate>.<event>.v<N>`",
  "ce-specversion": "1.0",
  "ce-source": "",
  "ce-subject": "`<aggregate>/<id>`",
  "ce-time": "",
  "ce-datacontenttype": "application/json",
  "ce-sequence": "Position of the commit in the log",
  "ce-commitindex": "Number of the event in its commit, from 1",
  "ce-aggregateversion": "Number of the event in its aggregate, from 1",
  "ce-actor": "Who gave the command",
  "ce-correlationid": "",
  "ce-causationid": "",
  "ce-cid": "Content id: CIDv1, dag-json, BLAKE3-256",
  "ce-previouscid": "Content id of the aggregate's event before",
  traceparent: "W3C Trace Context",
});

const parameters = (...names: ReadonlyArray<string>): Json =>
  Object.fromEntries(names.map((name) => [name, { description: `One subject token: ${name}` }]));

/**
 * The contract as an AsyncAPI 3.0 document: every command with its reply, every event of the feed, queries, heartbeats,
 * deliveries, the log, and what agents tell on core NATS, generated from the schemas that the code decodes with.
 */
export const asyncApi = <R>(
  aggregates: ReadonlyArray<Aggregate<R>>,
  options: { readonly version: string; readonly prefix: string },
): JsonObject => {
  const schemas: Record<string, Json> = {};
  const channels: Record<string, Json> = {};
  const operationsOut: Record<string, Json> = {};
  const { prefix } = options;

  /** The JSON Schema of a payload; named parts go to the components. */
  const schemaOf = (schema: PlainSchema): Json => {
    const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" });
    const relocate = (value: unknown): Json =>
      JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
    for (const [name, definition] of Object.entries(document.definitions)) schemas[name] = relocate(definition);
    return relocate(document.schema);
  };

  const channel = (
    name: string,
    address: string,
    description: string,
    message: Json,
    ...tokens: ReadonlyArray<string>
  ): void => {
    channels[name] = {
      address,
      description,
      ...(tokens.length === 0 ? {} : { parameters: parameters(...tokens) }),
      messages: { message },
    };
  };

  const reference = (name: string): Json => ({ $ref: `#/channels/${name}` });
  /** A channel on which something is sent, for others to listen. */
  const sends = (...[name, ...rest]: Parameters<typeof channel>): void => {
    channel(name, ...rest);
    operationsOut[name] = { action: "send", channel: reference(name) };
  };

  channels.reply = {
    address: null,
    description: "The reply subject of the request",
    messages: {
      accepted: { payload: schemaOf(Accepted) },
      answer: { payload: schemaOf(Answer) },
      refused: { payload: schemaOf(Refused) },
    },
  };
  const reply = (success: "accepted" | "answer"): Json => ({
    address: { location: "$message.header#/reply" },
    channel: reference("reply"),
    messages: [{ $ref: `#/channels/reply/messages/${success}` }, { $ref: "#/channels/reply/messages/refused" }],
  });

  for (const aggregate of aggregates) {
    for (const [name, spec] of Object.entries(aggregate.commands)) {
      if (spec.audience !== "public") continue;
      const key = `command.${aggregate.name}.${name}`;
      channel(
        key,
        `${prefix}.cmd.{principal}.${aggregate.name}.{id}.${name}`,
        spec.description,
        { headers: commandHeaders, contentType: "application/json", payload: schemaOf(spec.schema) },
        "principal",
        "id",
      );
      operationsOut[key] = { action: "receive", channel: reference(key), reply: reply("accepted") };
    }
    for (const [name, spec] of Object.entries(aggregate.events)) {
      const key = `feed.${aggregate.name}.${name}.v${spec.version}`;
      sends(
        key,
        `${prefix}.feed.${aggregate.name}.${name}.v${spec.version}.{id}`,
        spec.description,
        { headers: feedHeaders, contentType: "application/json", payload: schemaOf(spec.schema) },
        "id",
      );
    }
  }

  for (const [view, ofView] of Object.entries(publishedViews)) {
    for (const [name, asked] of Object.entries<Operation>(ofView.operations)) {
      const key = `query.${view}.${name}`;
      channel(key, `${prefix}.qry.${view}.${name}`, asked.description, {
        headers: headers({
          "Cim-Min-Position": "Wait until the view has seen this position of the log",
          traceparent: "W3C Trace Context",
        }),
        contentType: "application/json",
        payload: schemaOf(asked.input),
      });
      operationsOut[key] = { action: "receive", channel: reference(key), reply: reply("answer") };
    }
  }

  channel(
    "heartbeat",
    `${prefix}.hb.{agentId}`,
    "An agent is there",
    { contentType: "application/json", payload: schemaOf(Heartbeat) },
    "agentId",
  );
  operationsOut.heartbeat = { action: "receive", channel: reference("heartbeat") };
  sends(
    "inbox",
    `${prefix}.inbox.{agentId}.{kind}`,
    "What an agent takes from its durable consumer `agent-<agentId>` on the stream CIM_INBOX; kind is task, turn or proposal",
    { contentType: "application/json", payload: schemaOf(Delivery) },
    "agentId",
    "kind",
  );
  sends(
    "log",
    `${prefix}.evt.{aggregate}.{id}`,
    "The log itself (stream CIM_EVENTS): one message a commit. Written by the backend only",
    { contentType: "application/json", payload: schemaOf(NewCommit) },
    "aggregate",
    "id",
  );
  sends(
    "output",
    `${prefix}.output.{principal}.{deployment}`,
    "What the programs of the step that is being taken print, on core NATS: nothing keeps it or needs it. The principal is the deployer's",
    { contentType: "application/json", payload: schemaOf(StepOutput) },
    "principal",
    "deployment",
  );
  sends(
    "announcement",
    `${prefix}.knowledge.{principal}.{space}`,
    "What a replica of a space writes, told to the other replicas on core NATS before the log has it. The principal is the record's author",
    { contentType: "application/json", payload: schemaOf(Entry) },
    "principal",
    "space",
  );

  return {
    asyncapi: "3.0.0",
    info: {
      title: "CIM Leaf",
      version: options.version,
      description:
        "Commands, queries, the feed and agents' deliveries over NATS. KV buckets `cim_view_<view>` hold the documents of each view under the aggregate's id.",
    },
    defaultContentType: "application/json",
    channels,
    operations: operationsOut,
    components: { schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
};
