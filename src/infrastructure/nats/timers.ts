import { AckPolicy, type JsMsg, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { Cause, Deferred, Effect, Exit, FiberSet, Layer, Result, Schema } from "effect";
import { type StoreUnavailable, type TimerCommand, Timers } from "../../application/ports/mod.ts";
import { headerNames } from "../../contract/names.ts";
import { NatsConnection } from "./connection.ts";
import { ensureStream, lossOf, unavailable } from "./streams.ts";

const Command = Schema.fromJsonString(
  Schema.Struct({
    aggregate: Schema.String,
    id: Schema.String,
    command: Schema.String,
    payload: Schema.Json,
    correlationId: Schema.String,
  }),
);
const decodeCommand = Schema.decodeUnknownResult(Command);

/** The durable consumer of fired timers. */
const durable = "fired";
/** If the backend that handles a fired timer dies, the server sends the timer again after this time. */
const acknowledgeWithinSeconds = 5;
/** How often the server gets a sign that a handler is still at work. */
const workingEvery = "2 seconds";
/** If a handler fails, the server sends the timer again after this time. */
const againAfterMs = 1_000;
/** The timers that are handled at a time. */
const concurrency = 64;
/** The latest moment of a timer. The server counts nanoseconds since 1970, and fires a later timer at once. */
const lastMoment = Date.parse("2262-01-01T00:00:00.000Z");

/**
 * Timers as scheduled messages of nats-server (ADR-51) in the stream `CIM_TIMERS`. At its moment, the server turns the
 * message on the timer's subject into one on `cim.timer.fired.<id>`. An acknowledgement removes that one. nats-server
 * 2.14 fires at most 250 ms late. A newer schedule on a subject replaces the older one. Timers that were due while the
 * server was down fire when it is back. So a deadline needs no backend that waits for it, and survives each of them.
 */
export const timersLayer: Layer.Layer<Timers, StoreUnavailable, NatsConnection> = Layer.effect(
  Timers,
  Effect.gen(function* () {
    const { jsm, names, publish } = yield* NatsConnection;
    const connection = yield* Effect.context<NatsConnection>();
    const stream = names.streams.timers;
    yield* ensureStream({
      name: stream,
      description: "Deadlines, and those that have fired until they are handled.",
      subjects: [names.subjects.allTimers],
      storage: StorageType.File,
      retention: RetentionPolicy.Workqueue,
      allow_msg_schedules: true,
      allow_msg_ttl: true,
    });
    return Timers.of({
      schedule: (timerId, at, command) =>
        Effect.asVoid(
          Effect.tryPromise({
            try: () =>
              publish(names.subjects.timerSchedule(timerId), JSON.stringify(command), {
                headers: {
                  [headerNames.schedule]: `@at ${new Date(Math.min(Date.parse(at), lastMoment)).toISOString()}`,
                  [headerNames.scheduleTarget]: names.subjects.timerFired(timerId),
                },
              }),
            catch: unavailable(`timer ${timerId}`),
          }),
        ),
      cancel: (timerId) =>
        Effect.asVoid(
          Effect.tryPromise({
            try: () => jsm.streams.purge(stream, { filter: names.subjects.timerSchedule(timerId) }),
            catch: unavailable(`timer ${timerId}`),
          }),
        ),
      onFired: <R>(handle: Handler<R>) => Effect.provide(Effect.forever(session(handle)), connection),
      isArmed: (owner) =>
        Effect.tryPromise({
          try: async () => {
            const mark = await jsm.streams.getMessage(stream, { last_by_subj: names.subjects.timersArmed(owner) });
            return mark !== null;
          },
          catch: unavailable(`the timers of ${owner}`),
        }),
      arm: (owner) =>
        Effect.asVoid(
          Effect.tryPromise({
            try: () => publish(names.subjects.timersArmed(owner), ""),
            catch: unavailable(`the timers of ${owner}`),
          }),
        ),
      lost: Effect.provide(lossOf(stream), connection),
    });
  }),
);

type Handler<R> = (timerId: string, command: TimerCommand) => Effect.Effect<void, StoreUnavailable, R>;

/**
 * Passes on fired timers until the connection was lost and is back, or until its consumer is gone. After a
 * reconnection, the server has forgotten the reader.
 */
const session = <R>(handle: Handler<R>): Effect.Effect<void, StoreUnavailable, R | NatsConnection> =>
  Effect.gen(function* () {
    const { js, jsm, names, onReconnect } = yield* NatsConnection;
    const ended = yield* Deferred.make<void>();
    const end = () => Deferred.doneUnsafe(ended, Exit.void);
    const handling = yield* FiberSet.make<void>();
    const run = yield* FiberSet.runtime(handling)<R>();
    yield* Effect.acquireRelease(
      Effect.sync(() => onReconnect(end)),
      (stop) => Effect.sync(stop),
    );
    yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          await jsm.consumers.add(names.streams.timers, {
            durable_name: durable,
            filter_subject: names.subjects.allFiredTimers,
            ack_policy: AckPolicy.Explicit,
            ack_wait: acknowledgeWithinSeconds * 1_000_000_000,
            max_ack_pending: concurrency,
            max_deliver: -1,
          });
          const consumer = await js.consumers.get(names.streams.timers, durable);
          const callback = (message: JsMsg) => void run(handleMessage(message, handle));
          const options = { max_messages: concurrency, expires: 5_000, abort_on_missing_resource: true };
          return await consumer.consume({ ...options, callback });
        },
        catch: unavailable("fired timers cannot be read"),
      }),
      (messages) => Effect.sync(() => messages.stop()),
    ).pipe(Effect.tap((messages) => Effect.sync(() => void messages.closed().then(end))));
    yield* Deferred.await(ended);
  }).pipe(Effect.scoped);

/** Acknowledges a timer if its handler succeeds, and gives it back otherwise. The server does not limit attempts. */
const handleMessage = Effect.fnUntraced(function* <R>(message: JsMsg, handle: Handler<R>) {
  const timerId = message.subject.slice(message.subject.lastIndexOf(".") + 1);
  const command = decodeCommand(message.string());
  if (Result.isFailure(command)) {
    message.term("not understood");
    return yield* Effect.logError(
      `the timer ${timerId} has no command and is dropped: find the program that writes to it`,
    );
  }
  const stillWorking = Effect.sync(() => message.working()).pipe(Effect.delay(workingEvery), Effect.forever);
  yield* Effect.raceFirst(handle(timerId, command.success), stillWorking).pipe(
    Effect.matchCauseEffect({
      onSuccess: () => Effect.sync(() => message.ack()),
      onFailure: (cause) => {
        message.nak(againAfterMs);
        return Effect.logWarning(`the timer ${timerId} was not handled and fires again: ${Cause.squash(cause)}`);
      },
    }),
    Effect.onInterrupt(() => Effect.sync(() => message.nak())),
  );
});
