import { randomInt } from "node:crypto";
import { AckPolicy, type ConsumerConfig, DeliverPolicy } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/nats-core";
import { Effect, Layer, Result, Schema } from "effect";
import { Authority } from "../../application/authority.ts";
import { CommandError, decodeStrictly, invalidPayload } from "../../application/command-error.ts";
import { type Names, readerPlaces } from "../../contract/names.ts";
import { type ReadingOpened, ReadingRequest } from "../../contract/readings.ts";
import { publishedViews } from "../../contract/views/mod.ts";
import { defined, Name } from "../../domain/kernel/mod.ts";
import { messageOf } from "../message-of.ts";
import { isApiError } from "./api-errors.ts";
import { NatsConnection } from "./connection.ts";
import { serveRequests } from "./micro-service.ts";
import { parsePayload } from "./request-json.ts";

/** The server removes a consumer that was not read for this number of seconds. */
const keptSeconds = 30;
/** The places that are tried before a request is refused with "too many readers". */
const mostAttempts = 12;
/** The codes of "a consumer of this name is there already". */
const taken = [10105, 10148, 10013];
const badFilter = 10138;

const isSpace = Schema.is(Name);
const decodeRequest = Schema.decodeUnknownResult(ReadingRequest);

const refusedAs = (code: CommandError["code"], message: string, reason?: string) =>
  new CommandError({ code, message, ...defined({ details: reason === undefined ? undefined : { reason } }) });

/** Returns the stream of a source, and its subjects there; undefined if there is no such source. */
const sourceOf = (
  names: Names,
  [kind, name, ...more]: ReadonlyArray<string>,
): { readonly stream: string; readonly subjects: string; readonly fixed: boolean } | undefined => {
  if (more.length > 0) return undefined;
  if (kind === "feed" && name === undefined)
    return { stream: names.streams.feed, subjects: names.subjects.allFeed, fixed: false };
  if (kind === "view" && name !== undefined && Object.hasOwn(publishedViews, name)) {
    const bucket = names.buckets.view(name);
    return { stream: `KV_${bucket}`, subjects: `$KV.${bucket}.>`, fixed: false };
  }
  if (kind === "knowledge" && isSpace(name))
    return { stream: names.streams.events, subjects: names.subjects.event("knowledge", name), fixed: true };
  return undefined;
};

const startOf = ({ from, since, newest }: ReadingRequest): Partial<ConsumerConfig> => {
  if (newest === true) return { deliver_policy: DeliverPolicy.LastPerSubject };
  if (from !== undefined) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
  if (since !== undefined) return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since };
  return { deliver_policy: DeliverPolicy.All };
};

/**
 * Answers requests on `cim.read.<principal>.<source>`: it makes consumers for peers of a closed installation. A peer
 * must not make a consumer itself, because it could choose any subject for the deliveries. Here it is always a pull
 * consumer. Its name is one that the server allows this principal to read from.
 */
export const readerEndpoint = Layer.effectDiscard(
  Effect.gen(function* () {
    const { names, jsm } = yield* NatsConnection;
    const authority = yield* Authority;

    const make = Effect.fnUntraced(function* (principal: string, stream: string, config: Partial<ConsumerConfig>) {
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const name = names.consumers.reader(randomInt(readerPlaces), principal);
        // Without a unique mark, an equal request would get the consumer of another reader.
        const metadata = { reader: crypto.randomUUID() };
        const made = yield* Effect.promise(() =>
          jsm.consumers.add(stream, { ...config, name, metadata }).then(
            ({ num_pending: pending }) => Result.succeed({ stream, consumer: name, pending }),
            (error: unknown) => Result.fail(error),
          ),
        );
        if (Result.isSuccess(made)) return made.success;
        const { failure } = made;
        if (isApiError(failure, badFilter))
          return yield* refusedAs("invalid-command", "subjects: the source has none of them");
        if (!taken.some((code) => isApiError(failure, code)))
          return yield* refusedAs("unavailable", `${stream} cannot be read now: ${messageOf(failure)}`);
      }
      return yield* refusedAs(
        "rejected",
        `\`${principal}\` reads ${readerPlaces} streams at a time: end some, and come again in ${keptSeconds} s`,
        "too-many-readers",
      );
    });

    const answer = Effect.fnUntraced(function* ({ subject, data }: Msg): Effect.fn.Return<ReadingOpened, CommandError> {
      const [, , principal = "", ...path] = subject.split(".");
      const source = sourceOf(names, path);
      if (source === undefined)
        return yield* refusedAs(
          "invalid-command",
          `\`${path.join(".")}\` cannot be read: \`feed\`, \`view.<view>\` and \`knowledge.<space>\` can`,
        );
      const { stopped } = yield* authority.standingOf(principal);
      if (stopped !== undefined)
        return yield* refusedAs("unauthorized", `\`${principal}\` may read nothing: it is ${stopped}`, "stopped");
      const payload = yield* Effect.fromResult(parsePayload(data));
      const request = yield* Effect.fromResult(
        Result.mapError(decodeStrictly(decodeRequest, payload), (problems) => invalidPayload("payload", problems)),
      );
      const { stream, subjects, fixed } = source;
      return yield* make(principal, stream, {
        ack_policy: AckPolicy.None,
        mem_storage: true,
        num_replicas: 1,
        inactive_threshold: keptSeconds * 1_000_000_000,
        filter_subject: fixed ? subjects : (request.subjects ?? subjects),
        ...startOf(request),
      });
    });
    yield* serveRequests(
      {
        name: "readings",
        subject: names.subjects.allReadings,
        queueGroup: names.queues.queries,
        claim: ({ subject }) => ({ asker: subject.split(".")[2] ?? "" }),
        attempt: ({ subject }) => {
          const [, , principal = "", ...source] = subject.split(".");
          return { principal, what: `read ${source.join(".")}` };
        },
      },
      answer,
    );
  }),
);
