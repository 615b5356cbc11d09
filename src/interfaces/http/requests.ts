import type { IncomingMessage } from "node:http";
import {
  headers,
  type Msg,
  type MsgHdrs,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from "@nats-io/nats-core";
import { Option, Schema } from "effect";
import type { Client } from "../../agents/kit/mod.ts";
import { headerNames } from "../../contract/names.ts";
import { DraftMessage } from "../../contract/signals.ts";
import { AggregateId } from "../../domain/kernel/mod.ts";
import { json, refused } from "./answers.ts";
import type { SharedAnswers } from "./shared-answers.ts";

/** The largest body that is read: the `max_payload` that our servers have. The server in use may take less. */
export const largestBody = 8 * 1024 * 1024;
/** Milliseconds that a request waits for the backend. */
const patience = 30_000;
/** Room for the headers of a message, which count as a part of it. */
const headerBytes = 4_096;

const commandHeaders = [
  headerNames.commandId,
  headerNames.expectedVersion,
  headerNames.signature,
  headerNames.publicKey,
  headerNames.traceparent,
];
const queryHeaders = [headerNames.minPosition, headerNames.at, headerNames.traceparent];

const isId = Schema.is(AggregateId);
const isName = (text: string): boolean => /^[a-z][a-z0-9-]{0,63}$/.test(text);

const tooLarge = (limit: number) =>
  refused(413, "invalid-command", `the body has more than ${limit} bytes: send less at once`, "too-large");

/** Reads the body of a request. Stops at the limit, so that a larger one costs no memory. */
export const readBody = async (incoming: IncomingMessage, limit: number = largestBody): Promise<Uint8Array> => {
  if (Number(incoming.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  const chunks: Array<Buffer> = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** A command or query as it came over HTTP. */
export interface Forwarded {
  readonly body: Uint8Array;
  readonly header: (name: string) => string | undefined;
}

/** Sends a command in the name of the client's principal. Subject, body and headers are those of the contract. */
export const forwardCommand = (
  client: Client,
  { aggregate, id, command }: { readonly aggregate: string; readonly id: string; readonly command: string },
  request: Forwarded,
): Promise<Response> => {
  if (!isName(aggregate) || !isName(command))
    throw refused(404, "unknown-command", "there is no such aggregate or command: see docs/contract.md");
  if (!isId(id)) throw refused(400, "invalid-command", "id: 1-128 characters of A-Z a-z 0-9 _ - are needed");
  const subject = client.names.subjects.command(client.principal, aggregate, id, command);
  return forward(client, subject, request, commandHeaders);
};

/** Asks a view, unless the session has asked the same a moment ago. */
export const forwardQuery = (
  client: Client,
  { view, operation }: { readonly view: string; readonly operation: string },
  request: Forwarded,
  answers: SharedAnswers,
): Promise<Response> => {
  if (!isName(view) || !isName(operation))
    throw refused(404, "unknown-command", "there is no such view or operation: see docs/contract.md");
  const subject = client.names.subjects.query(view, operation);
  const position = request.header(headerNames.minPosition);
  if (position === undefined) return forward(client, subject, request, queryHeaders);
  const question = [subject, position, request.header(headerNames.at) ?? "", Buffer.from(request.body).toString()];
  const once = (ask: () => Promise<Msg>) => answers.get(question, ask, (reply) => statusOf(reply) !== 200);
  return forward(client, subject, request, queryHeaders, once);
};

/** Asks for the arrangement of a graph, or replaces it. */
export const forwardArrangement = (client: Client, graph: string, request: Forwarded): Promise<Response> => {
  if (!isId(graph)) throw refused(400, "invalid-command", "graph: 1-128 characters of A-Z a-z 0-9 _ - are needed");
  return forward(client, client.names.subjects.arrangement(client.principal, graph), request, []);
};

const decodeDraft = Schema.decodeUnknownOption(Schema.fromJsonString(DraftMessage));

/** Tells the others who have a draft open. Nobody answers, and nothing keeps it. */
export const forwardDraft = async (client: Client, draft: string, { body }: Forwarded): Promise<Response> => {
  if (!isId(draft)) throw refused(400, "invalid-command", "draft: 1-128 characters of A-Z a-z 0-9 _ - are needed");
  if (Option.isNone(decodeDraft(new TextDecoder().decode(body))))
    throw refused(400, "invalid-command", "this is not a message about a draft: see docs/contract.md");
  client.nats.publish(client.names.subjects.draft(client.principal, draft), body);
  return json({ ok: true });
};

const passed = (names: ReadonlyArray<string>, { header }: Forwarded): MsgHdrs => {
  const result = headers();
  for (const name of names) {
    const value = header(name);
    if (value !== undefined) result.set(name, value);
  }
  return result;
};

/**
 * One request, with the body and the reply unchanged. It is not repeated: the page repeats it under the same command
 * id, and so knows what happened also if it lost this answer.
 */
const forward = async (
  { nats }: Client,
  subject: string,
  request: Forwarded,
  names: ReadonlyArray<string>,
  once: (ask: () => Promise<Msg>) => Promise<Msg> = (ask) => ask(),
): Promise<Response> => {
  const room = (nats.info?.max_payload ?? largestBody) - headerBytes;
  if (request.body.length > room) throw tooLarge(room);
  let reply: Msg;
  try {
    const options = { headers: passed(names, request), timeout: patience };
    reply = await once(() => nats.request(subject, request.body, options));
  } catch (error) {
    throw silence(error);
  }
  const status = statusOf(reply);
  return new Response(reply.data.slice(), {
    status,
    headers: { "Content-Type": "application/json", ...(status === 429 ? retryAfter(reply) : {}) },
  });
};

const readRateLimited = Schema.decodeUnknownOption(
  Schema.Struct({ error: Schema.Struct({ details: Schema.Struct({ afterMilliseconds: Schema.Finite }) }) }),
);

/** When a person who gives too many commands may come again, in whole seconds as HTTP wants it. */
const retryAfter = (reply: Msg): Readonly<Record<string, string>> =>
  Option.match(readRateLimited(reply.json()), {
    onNone: () => ({}),
    onSome: ({ error }) => ({ "Retry-After": String(Math.ceil(error.details.afterMilliseconds / 1000)) }),
  });

/** A refusing reply names its status in a header, so that nobody needs to read a body of megabytes for it. */
const statusOf = (reply: Msg): number => {
  const code = reply.headers?.get(headerNames.serviceErrorCode) ?? "";
  if (code === "") return 200;
  return /^[45]\d\d$/.test(code) ? Number(code) : 502;
};

const silence = (error: unknown) => {
  if (error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders()))
    return refused(503, "unavailable", "no backend answers: start one with `cim up`");
  if (error instanceof TimeoutError)
    return refused(
      504,
      "timeout",
      `the backend did not answer within ${patience / 1000} s: try again with the same id`,
    );
  if (error instanceof RequestError && error.cause instanceof PermissionViolationError)
    return refused(403, "unauthorized", `the nats-server does not let this person ${error.cause.operation} there`);
  return refused(503, "unavailable", "the connection to the nats-server is down: try again");
};
