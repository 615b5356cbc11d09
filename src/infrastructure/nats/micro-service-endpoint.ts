import { Match, type Msg, type MsgHdrs } from "@nats-io/nats-core";
import { Cause, Clock, Effect, FiberSet, Option } from "effect";
import { CommandError } from "../../application/command-error.ts";
import { externalSpan } from "../../application/trace-context.ts";
import { NatsConnection } from "./connection.ts";
import { type EndpointDescription, MicroService } from "./micro-service.ts";

/** Requests worked on at a time. */
const concurrency = 256;
/** Requests that may wait, and their bytes: more are answered `unavailable` at once, so that memory is bounded. */
const waitingRequests = 16_384;
const waitingBytes = 256 * 1024 * 1024;
/** How long a shutdown waits for what has been taken on. */
const farewell = "10 seconds";

/** A header, whatever its case; undefined where it is absent. */
export const header = (headers: MsgHdrs | undefined, name: string): string | undefined => {
  if (headers === undefined) return undefined;
  // As it is written in the contract, it is found at once.
  if (headers.has(name)) return headers.get(name);
  return headers.has(name, Match.IgnoreCase) ? headers.get(name, Match.IgnoreCase) : undefined;
};

const failures: ReadonlyArray<CommandError["code"]> = ["unavailable", "timeout"];

/**
 * Answers the requests on a subject until the scope ends, in a queue group so that several backends share them. Every
 * request is answered: what fails by a fault of ours is `unavailable` and logged.
 */
export const serveRequests = Effect.fnUntraced(function* <A extends object>(
  endpoint: EndpointDescription,
  answer: (message: Msg) => Effect.Effect<A, CommandError>,
) {
  const { nc, connected } = yield* NatsConnection;
  const statistics = (yield* MicroService).register(endpoint);
  const fibers = yield* FiberSet.make<void>();
  /** Requests that wait for their turn, the oldest first: a queue of messages, for a fiber each costs more. */
  const waiting: Array<Msg> = [];
  const taken = { working: 0, bytes: 0 };

  const reply = (message: Msg, body: object) => {
    if (nc.isClosed()) return;
    const text = JSON.stringify(body);
    const largest = nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
    // A larger message would cost us the connection.
    message.respond(Buffer.byteLength(text) <= largest ? text : JSON.stringify(refusal(tooLarge(largest))));
  };

  const errorOf = (cause: Cause.Cause<CommandError>): Effect.Effect<CommandError> =>
    Option.match(Cause.findErrorOption(cause), {
      onSome: Effect.succeed,
      onNone: () => Effect.as(Effect.logError(`a fault while answering ${endpoint.name}`, cause), fault),
    });

  const respond = Effect.fnUntraced(function* (message: Msg) {
    const start = yield* Clock.currentTimeNanos;
    const traceparent = header(message.headers, "traceparent");
    const parent = traceparent === undefined ? undefined : externalSpan(traceparent);
    const work = Effect.suspend(() => answer(message));
    yield* (parent === undefined ? work : Effect.withParentSpan(work, parent)).pipe(
      Effect.map((body) => [{ ok: true, ...body }, undefined] as const),
      Effect.catchCause((cause) => Effect.map(errorOf(cause), (error) => [refusal(error), error] as const)),
      // An interruption by a shutdown cannot be caught, and is answered too.
      Effect.onInterrupt(() => Effect.sync(() => reply(message, refusal(shuttingDown)))),
      Effect.tap(Effect.ignore(connected)),
      Effect.flatMap(([body, error]) =>
        Effect.map(Clock.currentTimeNanos, (end) => {
          reply(message, body);
          const failed = error !== undefined && failures.includes(error.code);
          statistics.count(Number(end - start), failed ? error.message : undefined);
        }),
      ),
    );
  });

  const run = yield* FiberSet.runtime(fibers)();
  const begin = (message: Msg) => {
    taken.working += 1;
    run(respond(message)).addObserver(() => {
      taken.working -= 1;
      taken.bytes -= message.data.length;
      const next = waiting.shift();
      if (next !== undefined) begin(next);
    });
  };
  const take = (_: Error | null, message: Msg) => {
    if (waiting.length >= waitingRequests || taken.bytes + message.data.length > waitingBytes) {
      return reply(message, refusal(overloaded));
    }
    taken.bytes += message.data.length;
    if (taken.working < concurrency) begin(message);
    else waiting.push(message);
  };
  yield* Effect.acquireRelease(
    Effect.sync(() => nc.subscribe(endpoint.subject, { queue: endpoint.queueGroup, callback: take })),
    (subscription) =>
      Effect.promise(() => (nc.isClosed() ? Promise.resolve() : subscription.drain())).pipe(
        Effect.andThen(FiberSet.awaitEmpty(fibers)),
        Effect.timeoutOption(farewell),
        Effect.andThen(
          Effect.sync(() => {
            for (const message of waiting.splice(0)) reply(message, refusal(shuttingDown));
          }),
        ),
      ),
  );
});

const refusal = ({ code, message, details }: CommandError) => ({
  ok: false,
  error: { code, message, details: details ?? {} },
});

const unavailable = (message: string) => new CommandError({ code: "unavailable", message });
const shuttingDown = unavailable("the backend is shutting down: try again");
const overloaded = unavailable("too many requests are waiting already: try again later");
const fault = unavailable("a fault in the backend, which has been logged: try again, or tell its operator");

const tooLarge = (largest: number) =>
  new CommandError({
    code: "rejected",
    message: `the answer has more than the ${largest} bytes of a message: ask for less at a time`,
    details: { reason: "too-large" },
  });
