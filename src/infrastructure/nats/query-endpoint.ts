import type { Msg } from "@nats-io/nats-core";
import { Effect, Layer, Result, Schema } from "effect";
import { CommandError } from "../../application/command-error.ts";
import type { Moment } from "../../application/past-views.ts";
import { Queries, type QueryRequest } from "../../application/queries.ts";
import { headerNames } from "../../contract/names.ts";
import { defined, Instant } from "../../domain/kernel/mod.ts";
import { NatsConnection } from "./connection.ts";
import { header, serveRequests } from "./micro-service.ts";
import { parsePayload } from "./request-json.ts";

const invalid = (field: string, problem: string) =>
  new CommandError({ code: "invalid-command", message: `${field}: ${problem}`, details: [{ field, problem }] });

const subjectForm = "<prefix>.qry.<view>.<operation>";

/** Returns the query in a message. */
export const parseQuery = (message: Msg): Result.Result<QueryRequest, CommandError> =>
  Result.gen(function* () {
    const tokens = message.subject.split(".");
    const [, , view, operation] = tokens;
    if (tokens.length !== 4 || tokens.includes("") || view === undefined || operation === undefined) {
      return yield* Result.fail(invalid("subject", `\`${message.subject}\` does not have the form ${subjectForm}`));
    }
    const position = header(message.headers, headerNames.minPosition);
    const minPosition = position === undefined || !/^\d+$/.test(position) ? Number.NaN : Number(position);
    if (position !== undefined && !Number.isSafeInteger(minPosition)) {
      return yield* Result.fail(
        invalid(headerNames.minPosition, `\`${position}\` is not a position: 0 or a positive integer`),
      );
    }
    const moment = header(message.headers, headerNames.at);
    const at = moment === undefined ? undefined : momentOf(moment);
    if (moment !== undefined && at === undefined) {
      return yield* Result.fail(
        invalid(
          headerNames.at,
          `\`${moment}\` is not a moment: a position of the log, or a time such as 2026-01-31T12:00:00.000Z`,
        ),
      );
    }
    const input = yield* parsePayload(message.data);
    return {
      view,
      operation,
      input,
      ...defined({ minPosition: position === undefined ? undefined : minPosition, at }),
    };
  });

const isInstant = Schema.is(Instant);

const momentOf = (text: string): Moment | undefined => {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { position: Number(text) };
  return isInstant(text) ? { time: text } : undefined;
};

/** Returns the claim of a query. A query does not name its caller, so inboxes share places: each connection has one. */
const claimOf = ({ reply = "" }: Msg) => ({ asker: reply.split(".", 2).join(".") });

/** Fewer places than for commands, because an answer may have megabytes. */
const places = { working: 64, workingOfOneAsker: 32 };

/** The bytes of an answer without its data. */
const answerOverhead = 128;

/** Answers queries: requests on `cim.qry.<view>.<operation>`. */
export const queryEndpoint = Layer.effectDiscard(
  Effect.gen(function* () {
    const { nc, names } = yield* NatsConnection;
    const queries = yield* Queries;
    const room = () => (nc.info?.max_payload ?? Number.POSITIVE_INFINITY) - answerOverhead;
    const answer = (message: Msg) =>
      Effect.flatMap(Effect.fromResult(parseQuery(message)), (request) => queries.ask({ ...request, room: room() }));
    yield* serveRequests(
      {
        name: "queries",
        subject: names.subjects.allQueries,
        queueGroup: names.queues.queries,
        claim: claimOf,
        places,
      },
      answer,
    );
  }),
);
