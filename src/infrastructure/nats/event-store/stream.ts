import { RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import { Effect, Schema } from "effect";
import { messageOf } from "../../message-of.ts";
import { NatsConnection } from "../connection.ts";
import { findStream } from "../find-streams.ts";
import { notMade, unavailable } from "../streams.ts";

/** A stream with the name of the log cannot be the log. */
export class StreamUnsuitable extends Schema.TaggedError<StreamUnsuitable>()("StreamUnsuitable", {
  stream: Schema.String,
  message: Schema.String,
}) {}

/** The settings that make a stream a log: nothing is ever removed. */
export const appendOnly = {
  deny_delete: true,
  deny_purge: true,
  allow_direct: true,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_bytes: -1,
  max_age: 0,
} as const;

/** Returns the settings of a new log. */
export const logSettings = (name: string, subject: string, replicas: number) => ({
  name,
  subjects: [subject],
  description: "The event log: one message is one commit. Append-only.",
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  num_replicas: replicas,
  ...appendOnly,
});

/**
 * The key in the stream's metadata while an import or a restore is under way. Without it, an import that was cut off
 * would leave half a log that looks whole, and a backend would append to it.
 */
export const unfinishedKey = "cim-unfinished";

/** Returns why a log is not whole; undefined if it is. */
export const whyNotWhole = ({ name, metadata }: StreamConfig): string | undefined => {
  const unfinished = metadata?.[unfinishedKey];
  return unfinished === undefined
    ? undefined
    : `the log ${name} is not whole: \`${unfinished}\` has not come to its end; run it again`;
};

const describe = (stream: string, what: string) => (error: unknown) =>
  new StreamUnsuitable({
    stream,
    message: `the stream ${stream} cannot be ${what}: ${messageOf(error)}`,
  });

/** Returns whether the stream has `subject`, by itself or inside a subject that ends in `>`. */
const carries = (config: StreamConfig, subject: string): boolean =>
  config.subjects.some((own) => own === subject || (own.endsWith(".>") && subject.startsWith(own.slice(0, -1))));

const lacks = (config: StreamConfig): boolean =>
  Object.entries(appendOnly).some(([key, value]) => (Reflect.get(config, key) ?? false) !== value);

/**
 * Makes the stream of the log with the replicas of the installation. On an existing stream, it turns on the append-only
 * settings that are missing. Replicas stay as they are, see `topology.ts`.
 */
export const ensureEventStream = Effect.fn("ensureEventStream")(function* () {
  const { jsm, names, replicas } = yield* NatsConnection;
  const name = names.streams.events;
  const subject = names.subjects.allEvents;
  const existing = yield* Effect.tryPromise({
    try: () => findStream(jsm, name),
    catch: unavailable(`the log ${name} cannot be read`),
  });
  if (existing === undefined) {
    yield* Effect.tryPromise({
      try: () => jsm.streams.add(logSettings(name, subject, replicas)),
      catch: notMade(name, replicas),
    });
    return;
  }
  const { config } = existing;
  const notWhole = whyNotWhole(config);
  if (notWhole !== undefined) return yield* new StreamUnsuitable({ stream: name, message: notWhole });
  if (config.retention !== RetentionPolicy.Limits || config.storage !== StorageType.File || config.sealed)
    return yield* new StreamUnsuitable({
      stream: name,
      message: `the stream ${name} exists and is not a log (retention ${config.retention}, storage ${config.storage}${config.sealed ? ", sealed" : ""}): use another --prefix, or remove it`,
    });
  if (lacks(config) || !carries(config, subject)) {
    yield* Effect.tryPromise({
      try: () =>
        jsm.streams.update(name, {
          ...config,
          ...appendOnly,
          subjects: carries(config, subject) ? config.subjects : [...config.subjects, subject],
        }),
      catch: describe(name, "made append-only"),
    });
  }
});
