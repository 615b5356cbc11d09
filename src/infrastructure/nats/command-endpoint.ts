import { createHash } from "node:crypto";
import type { Msg, MsgHdrs } from "@nats-io/nats-core";
import { Effect, Layer, Result, Schema } from "effect";
import { CommandError } from "../../application/command-error.ts";
import { CommandHandling } from "../../application/command-handling.ts";
import type { CommandRequest } from "../../application/command-request.ts";
import { contexts } from "../../application/contexts.ts";
import { Digests } from "../../application/ports/mod.ts";
import { restAfter } from "../../application/time-slices.ts";
import { externalSpan } from "../../application/trace-context.ts";
import { headerNames } from "../../contract/names.ts";
import { CommandId, defined, Principal } from "../../domain/kernel/mod.ts";
import { NatsConnection } from "./connection.ts";
import { header, serveRequests } from "./micro-service.ts";
import { parsePayload } from "./request-json.ts";

/** Answers commands: requests on `cim.cmd.<principal>.<aggregate>.<id>.<command>`. */
export const commandEndpoint = Layer.effectDiscard(
  Effect.gen(function* () {
    const { names } = yield* NatsConnection;
    const handling = yield* CommandHandling;
    const { verify } = yield* Digests;
    const answer = Effect.fnUntraced(function* (message: Msg) {
      const began = performance.now();
      const request = yield* Effect.fromResult(parseCommand(message, verify));
      yield* restAfter(began);
      return yield* handling.handle(request);
    });
    const { allCommands: subject } = names.subjects;
    yield* serveRequests(
      { name: "commands", subject, queueGroup: names.queues.commands, claim: claimOf, attempt: attemptOf },
      answer,
    );
  }),
);

const aggregates: ReadonlySet<string> = new Set(contexts.map(({ name }) => name));

/**
 * Returns the claim of a command. Aggregates and principals share places. An aggregate decides one command at a time.
 */
const claimOf = ({ subject }: Msg) => {
  const [, , principal = "", aggregate = "", id] = subject.split(".");
  return { kind: aggregates.has(aggregate) ? aggregate : undefined, asker: principal, target: `${aggregate}.${id}` };
};

const attemptOf = ({ subject }: Msg) => {
  const [, , principal = "", aggregate, , command] = subject.split(".");
  return { principal, what: `${aggregate}.${command}` };
};

const isPrincipal = Schema.is(Principal);
const isCommandId = Schema.is(CommandId);

const invalid = (field: string, problem: string) =>
  new CommandError({ code: "invalid-command", message: `${field}: ${problem}`, details: [{ field, problem }] });

const unauthorized = (message: string) => new CommandError({ code: "unauthorized", message });

const subjectForm = "<prefix>.cmd.<principal>.<aggregate>.<id>.<command>";

const parseSubject = (subject: string) => {
  const tokens = subject.split(".");
  const [, , principal, aggregate, id, command] = tokens;
  const complete = tokens.length === 6 && !tokens.includes("");
  if (!complete || principal === undefined || aggregate === undefined || id === undefined || command === undefined) {
    return Result.fail(invalid("subject", `\`${subject}\` does not have the form ${subjectForm}`));
  }
  if (!isPrincipal(principal)) {
    return Result.fail(
      invalid(
        "principal",
        `\`${principal}\` is not 1-128 characters of A-Z a-z 0-9 _ -, starting with a letter or digit`,
      ),
    );
  }
  return Result.succeed({ principal, aggregate, id, command });
};

/** Returns the id in a header. All ids have the form of command ids. */
const idHeader = (headers: MsgHdrs | undefined, name: string) => {
  const value = header(headers, name);
  return value === undefined || isCommandId(value)
    ? Result.succeed(value)
    : Result.fail(invalid(name, "must be 1-256 printable ASCII characters without spaces"));
};

const versionHeader = (headers: MsgHdrs | undefined) => {
  const value = header(headers, headerNames.expectedVersion);
  if (value === undefined) return Result.succeed(undefined);
  const version = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(version)
    ? Result.succeed(version)
    : Result.fail(invalid(headerNames.expectedVersion, `\`${value}\` is not a version: 0 or a positive integer`));
};

/** Returns the signed text: command id, subject, and hex SHA-256 of the payload's bytes, a line each. */
const signedText = (commandId: string, message: Msg): string =>
  `${commandId}\n${message.subject}\n${createHash("sha256").update(message.data).digest("hex")}`;

/** The largest payload, in bytes, that is kept with its signature. Every ballot is smaller. */
const keptPayload = 64 * 1024;

const checkSignature = (message: Msg, commandId: string | undefined, verify: Digests["Service"]["verify"]) => {
  const signature = header(message.headers, headerNames.signature);
  const publicKey = header(message.headers, headerNames.publicKey);
  if (signature === undefined && publicKey === undefined) return Result.succeed(undefined);
  if (signature === undefined || publicKey === undefined || commandId === undefined) {
    return Result.fail(unauthorized("a signed command needs Cim-Signature, Cim-Public-Key and Cim-Command-Id"));
  }
  const text = signedText(commandId, message);
  return verify(publicKey, text, signature)
    ? Result.succeed({
        publicKey,
        signature,
        text,
        ...defined({
          payload: message.data.length <= keptPayload ? new TextDecoder().decode(message.data) : undefined,
        }),
      })
    : Result.fail(unauthorized("the signature does not fit command id, subject, payload and public key"));
};

/** Returns the command in a message. It is checked as far as possible without the aggregate. */
const parseCommand = (
  message: Msg,
  verify: Digests["Service"]["verify"],
): Result.Result<CommandRequest, CommandError> =>
  Result.gen(function* () {
    const { headers } = message;
    const addressed = yield* parseSubject(message.subject);
    const commandId = yield* idHeader(headers, headerNames.commandId);
    const expectedVersion = yield* versionHeader(headers);
    const correlationId = yield* idHeader(headers, headerNames.correlationId);
    const causationId = yield* idHeader(headers, headerNames.causationId);
    const signed = yield* checkSignature(message, commandId, verify);
    const payload = yield* parsePayload(message.data);
    const traceparent = header(headers, headerNames.traceparent);
    return {
      ...addressed,
      payload,
      audience: "public",
      ...defined({
        commandId,
        expectedVersion,
        correlationId,
        causationId,
        traceparent: traceparent === undefined || externalSpan(traceparent) === undefined ? undefined : traceparent,
        signed,
      }),
    } satisfies CommandRequest;
  });
