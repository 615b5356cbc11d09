import type { JsMsg } from "@nats-io/jetstream";
import { DeliverPolicy } from "@nats-io/jetstream";
import { Effect, Layer, Queue, Schedule } from "effect";
import { Presence, type StoreUnavailable } from "../../application/ports/mod.ts";
import type { PresenceStatus } from "../../domain/agent/contract.ts";
import {
  bucketKey,
  bucketSettings,
  bucketStream,
  bucketSubject,
  ensureStream,
  isGone,
  lazilyPersisted,
  readBucket,
  readStream,
  unavailable,
} from "./buckets.ts";
import { NatsConnection } from "./connection.ts";

/** Two keys of an agent: `<id>.fresh` lives for an interval and a half after a heartbeat, `<id>.alive` for three. */
type Sign = "fresh" | "alive";
/** How long the server keeps its mark that a key has expired. A reader that comes later sees that the key is absent. */
const markerSeconds = 10;

/** What the keys that there are say. */
class Signs {
  readonly #fresh = new Set<string>();
  readonly #alive = new Set<string>();

  /** Takes in what happened to a key; gives the agent. */
  note(key: string, message: JsMsg): string {
    const [agentId = "", sign] = key.split(".");
    const present = sign === ("fresh" satisfies Sign) ? this.#fresh : this.#alive;
    if (isGone(message)) present.delete(agentId);
    else present.add(agentId);
    return agentId;
  }

  status(agentId: string): PresenceStatus {
    return this.#fresh.has(agentId) ? "online" : this.#alive.has(agentId) ? "away" : "offline";
  }

  /** Everyone who is not offline. */
  get statuses(): Map<string, PresenceStatus> {
    return new Map([...this.#fresh, ...this.#alive].map((agentId) => [agentId, this.status(agentId)]));
  }
}

/**
 * Presence as keys that expire in the bucket `cim_presence`: the server tells when heartbeats stay out, also those that
 * stayed out while it was down. It counts in whole seconds, so `away` may come up to half a second late.
 */
export const presenceLayer = (
  options: { readonly intervalSeconds?: number } = {},
): Layer.Layer<Presence, StoreUnavailable, NatsConnection> =>
  Layer.effect(
    Presence,
    Effect.gen(function* () {
      const { intervalSeconds = 10 } = options;
      const { js, naming } = yield* NatsConnection;
      const connection = yield* Effect.context<NatsConnection>();
      const bucket = naming.buckets.presence;
      yield* ensureStream({
        ...bucketSettings(bucket, "Heartbeats of agents. Expires."),
        ...(yield* lazilyPersisted),
        allow_msg_ttl: true,
        subject_delete_marker_ttl: markerSeconds * 1_000_000_000,
      });
      const put = (agentId: string, sign: Sign, intervals: number) =>
        js.publish(bucketSubject(bucket, `${agentId}.${sign}`), "", {
          ttl: `${Math.ceil(intervals * intervalSeconds)}s`,
        });

      return Presence.of({
        beat: (agentId) =>
          Effect.asVoid(
            Effect.tryPromise({
              // In this order nobody sees `away` in between.
              try: () => Promise.all([put(agentId, "fresh", 1.5), put(agentId, "alive", 3)]),
              catch: unavailable(`heartbeat of ${agentId}`),
            }),
          ),
        current: Effect.suspend(() => {
          const signs = new Signs();
          return Effect.as(
            readBucket(bucket, (key, message) => signs.note(key, message)),
            signs,
          );
        }).pipe(
          Effect.map(({ statuses }) => statuses),
          Effect.provide(connection),
        ),
        watch: (changed) => Effect.provide(watch(bucket, changed), connection),
      });
    }),
  );

/** A server that is just back may not answer at once. */
const whileServerStarts = { times: 20, schedule: Schedule.spaced("500 millis") };

type Changed<R> = (agentId: string, status: PresenceStatus) => Effect.Effect<void, StoreUnavailable, R>;
type Seen = { readonly kind: "message"; readonly message: JsMsg } | { readonly kind: "reconnected" };

/** Watches in sessions that end when the connection was lost; what changed meanwhile is told in the next one. */
const watch = Effect.fnUntraced(function* <R>(bucket: string, changed: Changed<R>) {
  const told = new Map<string, PresenceStatus>();
  const tell = Effect.fnUntraced(function* (agentId: string, status: PresenceStatus) {
    if ((told.get(agentId) ?? "offline") === status) return;
    if (status === "offline") told.delete(agentId);
    else told.set(agentId, status);
    yield* changed(agentId, status);
  });

  const session = Effect.gen(function* () {
    const { onReconnect } = yield* NatsConnection;
    const seen = yield* Queue.unbounded<Seen>();
    yield* Effect.acquireRelease(
      Effect.sync(() => onReconnect(() => void Queue.offerUnsafe(seen, { kind: "reconnected" }))),
      (stop) => Effect.sync(stop),
    );
    const signs = new Signs();
    const options = { deliver_policy: DeliverPolicy.LastPerSubject };
    const pending = yield* readStream(bucketStream(bucket), options, (message) => {
      Queue.offerUnsafe(seen, { kind: "message", message });
    }).pipe(Effect.retry(whileServerStarts));
    let caughtUp = pending === 0;
    if (caughtUp) yield* catchUp(signs);
    for (;;) {
      const next = yield* Queue.take(seen);
      if (next.kind === "reconnected") return;
      const agentId = signs.note(bucketKey(bucket, next.message.subject), next.message);
      if (caughtUp) yield* tell(agentId, signs.status(agentId));
      else if (next.message.info.pending === 0) {
        caughtUp = true;
        yield* catchUp(signs);
      }
    }
  }).pipe(Effect.scoped);

  let first = true;
  const catchUp = Effect.fnUntraced(function* (signs: Signs) {
    const { statuses } = signs;
    if (first) for (const [agentId, status] of statuses) told.set(agentId, status);
    else
      for (const agentId of new Set([...told.keys(), ...statuses.keys()])) yield* tell(agentId, signs.status(agentId));
    first = false;
  });

  return yield* Effect.forever(session);
});
