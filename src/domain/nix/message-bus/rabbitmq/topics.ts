import type { MessageBusNode } from "../../../graph/node.ts";
import type { Permission } from "../clients.ts";

/** An exchange that messages of a topic go to, and the streams behind it that keep them. */
export interface RabbitmqTopic {
  readonly name: string;
  readonly streams: ReadonlyArray<string>;
  readonly replicas: number;
  /** Without one, messages are kept for ever. */
  readonly maxAgeSeconds?: number;
  readonly maxBytes?: number;
}

/** What AMQP takes as a name: at most 255 bytes; those that begin with `amq.` are the server's own. */
const isName = (name: string): boolean => new TextEncoder().encode(name).length <= 255 && !name.startsWith("amq.");

/** A bus that keeps messages has a stream for each partition of a topic: any number of readers share one. */
const streamsOf = (name: string, partitions: number): ReadonlyArray<string> =>
  partitions === 1 ? [name] : Array.from({ length: partitions }, (_, index) => `${name}-${index}`);

/** The topics of a bus, each once; names that AMQP does not take are left out. */
export const topicsOf = (
  { topics = [], persistence, resources }: MessageBusNode,
  servers: number,
): ReadonlyArray<RabbitmqTopic> => {
  const known = [...new Map(topics.map((topic) => [topic.name, topic])).values()].filter(({ name }) => isName(name));
  const partitions = known.reduce((sum, { partitions: own = 1 }) => sum + own, 0);
  const maxBytes =
    resources?.diskGb === undefined ? undefined : Math.ceil((resources.diskGb * 1024 ** 3) / Math.max(1, partitions));
  return known.map(({ name, partitions: own = 1, replicationFactor = 1, retentionHours }) => ({
    name,
    streams: persistence === true ? streamsOf(name, own) : [],
    replicas: Math.min(replicationFactor, servers),
    ...(retentionHours === undefined ? {} : { maxAgeSeconds: Math.ceil(retentionHours * 3600) }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  }));
};

/** Somebody whom the server knows by a password, and the names of queues and exchanges it has rights on. */
export interface RabbitmqUser {
  readonly name: string;
  readonly configure: ReadonlyArray<string>;
  readonly write: ReadonlyArray<string>;
  readonly read: ReadonlyArray<string>;
}

/** The queue that a subscriber may make for itself and bind to the topic: one for all of a consumer group. */
const queueOf = (reader: string, topic: string): string => `${reader}@${topic}`;

/** What each node may do: publish to the exchange of a topic; read its streams, or a queue of its own behind it. */
export const usersOf = (
  permissions: ReadonlyArray<Permission>,
  topics: ReadonlyArray<RabbitmqTopic>,
): ReadonlyArray<RabbitmqUser> => {
  const streams = new Map(topics.map((topic) => [topic.name, topic.streams]));
  return permissions.map(({ node, publish, subscribe }) => {
    const queues = subscribe.map(({ topic, consumerGroup = node }) => queueOf(consumerGroup, topic));
    const read = subscribe.flatMap(({ topic }) => [topic, ...(streams.get(topic) ?? [])]);
    return {
      name: node,
      configure: distinct(queues),
      write: distinct([...publish.map(({ topic }) => topic), ...queues]),
      read: distinct([...read, ...queues]),
    };
  });
};

const distinct = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].sort();

/** A regular expression (PCRE) for exactly these names; an empty one would be another way to say `^$`. */
export const exactly = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "^$" : `^(?:${names.map(quoted).join("|")})\\z`;

const quoted = (name: string): string => name.replaceAll(/[^A-Za-z0-9_@\u0080-\u{10ffff}]/gu, (found) => `\\${found}`);

const vhost = "/";

/** What the server is to have, as its own JSON of definitions. Policies, since those can change for existing streams. */
export const definitionsOf = (topics: ReadonlyArray<RabbitmqTopic>) => ({
  exchanges: topics.map(({ name, streams }) => ({
    ...{ vhost, name, durable: true, auto_delete: false, internal: false, arguments: {} },
    type: streams.length > 1 ? "x-consistent-hash" : "topic",
  })),
  queues: topics.flatMap(({ streams, replicas }) =>
    streams.map((name) => ({
      ...{ vhost, name, durable: true, auto_delete: false },
      arguments: { "x-queue-type": "stream", "x-initial-cluster-size": replicas },
    })),
  ),
  bindings: topics.flatMap(({ name, streams }) =>
    streams.map((destination) => ({
      ...{ vhost, source: name, destination, destination_type: "queue", arguments: {} },
      // The key of a consistent hash is the weight of its queue.
      routing_key: streams.length > 1 ? "1" : "#",
    })),
  ),
  policies: topics.flatMap(({ name, streams, maxAgeSeconds, maxBytes }) =>
    streams.length === 0 || (maxAgeSeconds === undefined && maxBytes === undefined)
      ? []
      : [
          {
            ...{ vhost, name: `cim ${name}`, pattern: exactly(streams), "apply-to": "queues", priority: 1 },
            definition: {
              ...(maxAgeSeconds === undefined ? {} : { "max-age": `${maxAgeSeconds}s` }),
              ...(maxBytes === undefined ? {} : { "max-length-bytes": maxBytes }),
            },
          },
        ],
  ),
});
