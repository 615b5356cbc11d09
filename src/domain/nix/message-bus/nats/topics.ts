import type { MessageBusNode } from "../../../graph/node.ts";
import { defined } from "../../../kernel/mod.ts";
import { shortHash } from "../../unit/names.ts";
import type { Permission, SubscribeRight } from "../clients.ts";

/*
 * Topics of a bus in the terms of NATS: subjects on which messages are published, streams that keep them, and users with
 * rights on both.
 */

/** A topic that a bus lists. */
type Topic = NonNullable<MessageBusNode["topics"]>[number];

/**
 * Whether NATS accepts a subject: tokens between dots, including wildcards, without white space. `>` may only be at the
 * end.
 */
const isSubject = (text: string): boolean =>
  /^[^\s\u0000-\u001f\u007f.]+(?:\.[^\s\u0000-\u001f\u007f.]+)*$/.test(text) && !/(?:^|\.)>\./.test(text);

const meet = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean => {
  const [first, ...others] = left;
  const [second, ...rest] = right;
  if (first === undefined || second === undefined) return first === second;
  if (first === ">" || second === ">") return true;
  return (first === "*" || second === "*" || first === second) && meet(others, rest);
};

/** Whether some subject matches both. NATS keeps a message in only one stream. */
export const overlap = (left: string, right: string): boolean => meet(left.split("."), right.split("."));

/** Returns the subjects of a topic: its own, and those below it unless another topic of the bus is there. */
const subjectsOf = (topic: string, topics: ReadonlyArray<Topic>): ReadonlyArray<string> =>
  !isSubject(topic)
    ? []
    : topic === ">" || topic.endsWith(".>") || topics.some(({ name }) => name !== topic && overlap(name, `${topic}.>`))
      ? [topic]
      : [topic, `${topic}.>`];

/** A JetStream stream that keeps the messages of a topic. */
export interface NatsStream {
  readonly topic: string;
  readonly name: string;
  readonly subjects: ReadonlyArray<string>;
  /** If it is absent, messages are kept for ever. */
  readonly maxAgeSeconds?: number;
  readonly replicas: number;
}

/** NATS counts ages in nanoseconds, as 64-bit integers: 292 years. A longer retention becomes "for ever". */
const longestRetentionHours = 2_500_000;

/** The most servers on which NATS keeps a message. */
const mostReplicas = 5;

/** The most characters that a stream's name has here. NATS accepts 255. */
const longestName = 200;

/**
 * Returns a name that NATS accepts for a stream or a consumer, and that its command line does not read as an option.
 */
const cleanName = (text: string): string =>
  text.length > longestName
    ? `${cleanName(text.slice(0, longestName - 9))}-${shortHash(text)}`
    : text.replaceAll(/^-|[^A-Za-z0-9_-]/g, "_");

/**
 * Returns names for the streams of topics. If two topics would get the same name, those whose own name differs get a
 * hash.
 */
const namesOf = (topics: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const alike = Map.groupBy(topics, cleanName);
  return new Map(
    topics.map((topic) => {
      const name = cleanName(topic);
      return [topic, name === topic || alike.get(name)?.length === 1 ? name : `${name}-${shortHash(topic)}`];
    }),
  );
};

/**
 * Returns the streams of a bus that keeps messages. NATS delivers the messages of one stream to any number of readers,
 * so the partitions of a topic need nothing of their own. NATS refuses streams that overlap, so a topic that overlaps
 * an earlier one gets no stream.
 */
export const streamsOf = ({ persistence, topics = [] }: MessageBusNode, servers: number): ReadonlyArray<NatsStream> => {
  if (persistence !== true) return [];
  const names = namesOf([...new Set(topics.map(({ name }) => name))]);
  const streams: Array<NatsStream> = [];
  for (const { name: topic, retentionHours, replicationFactor = 1 } of topics) {
    if (!isSubject(topic) || streams.some(({ subjects }) => subjects.some((other) => overlap(other, topic)))) continue;
    const isForEver = retentionHours === undefined || retentionHours > longestRetentionHours;
    streams.push(
      defined({
        topic,
        name: names.get(topic) ?? topic,
        subjects: subjectsOf(topic, topics),
        replicas: Math.min(replicationFactor, servers, mostReplicas),
        maxAgeSeconds: isForEver ? undefined : Math.ceil(retentionHours * 3600),
      }),
    );
  }
  return streams;
};

/** A client that logs in to a server with a password. */
export interface NatsUser {
  readonly name: string;
  /** The subjects on which the client may publish. */
  readonly publish: ReadonlyArray<string>;
  /**
   * The subjects to which the client may subscribe. If a queue group follows after a space, the client may subscribe
   * only as a member of that group.
   */
  readonly subscribe: ReadonlyArray<string>;
  /** Whether the client may answer the requests that it receives. */
  readonly replies: boolean;
}

/** The subjects on which answers arrive, including those of JetStream. */
const inbox = "_INBOX.>";

/** The user that makes the streams. No node's id contains an underscore, so no node has this name. */
export const streamMaker = "cim_streams";

/**
 * Returns the subjects on which a reader of a stream must publish: to look the stream up, to make a consumer and pull
 * from it, and to acknowledge. If there is a consumer group, the consumer has its name, and the reader can use no other
 * consumer.
 */
const readingSubjects = (stream: string, consumerGroup: string | undefined): ReadonlyArray<string> => {
  const consumer = consumerGroup === undefined ? "*" : cleanName(consumerGroup);
  const consumers = "$JS.API.CONSUMER";
  return [
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    `$JS.API.STREAM.INFO.${stream}`,
    ...(consumerGroup === undefined ? [`${consumers}.CREATE.${stream}`] : []),
    `${consumers}.CREATE.${stream}.${consumer}`,
    `${consumers}.CREATE.${stream}.${consumer}.>`,
    `${consumers}.DURABLE.CREATE.${stream}.${consumer}`,
    `${consumers}.INFO.${stream}.${consumer}`,
    `${consumers}.MSG.NEXT.${stream}.${consumer}`,
    `$JS.ACK.${stream}.${consumer}.>`,
    `$JS.FC.${stream}.${consumer}.>`,
  ];
};

/** Whether NATS accepts the name of a queue group. */
const isQueue = (text: string): boolean => /^[^\s\u0000-\u001f\u007f]+$/.test(text);

/** Returns the subscriptions that a right allows. If NATS refuses the name of a group, the group has no members. */
const subscriptions = (
  { topic, consumerGroup }: SubscribeRight,
  topics: ReadonlyArray<Topic>,
): ReadonlyArray<string> => {
  if (consumerGroup === undefined) return subjectsOf(topic, topics);
  return isQueue(consumerGroup) ? subjectsOf(topic, topics).map((subject) => `${subject} ${consumerGroup}`) : [];
};

/** The streams of a bus, and whether this server makes them. */
export interface KeptStreams {
  readonly streams: ReadonlyArray<NatsStream>;
  readonly makesStreams: boolean;
}

/** Returns the users of a server and their rights; none if the graph gives no rights. */
export const usersOf = (
  permissions: ReadonlyArray<Permission>,
  topics: ReadonlyArray<Topic>,
  { streams, makesStreams }: KeptStreams,
): ReadonlyArray<NatsUser> => {
  const streamOf = new Map(streams.map(({ topic, name }) => [topic, name]));
  const reading = ({ topic, consumerGroup }: SubscribeRight): ReadonlyArray<string> => {
    const stream = streamOf.get(topic);
    return stream === undefined ? [] : readingSubjects(stream, consumerGroup);
  };
  const clients = permissions.map(({ node, publish, subscribe }) => ({
    name: node,
    publish: distinct([...publish.flatMap(({ topic }) => subjectsOf(topic, topics)), ...subscribe.flatMap(reading)]),
    subscribe: distinct([...subscribe.flatMap((right) => subscriptions(right, topics)), inbox]),
    replies: subscribe.length > 0,
  }));
  return clients.length > 0 && makesStreams ? [...clients, streamMakerOf(streams)] : clients;
};

const streamMakerOf = (streams: ReadonlyArray<NatsStream>): NatsUser => ({
  name: streamMaker,
  publish: [
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    ...streams.flatMap(({ name }) => ["INFO", "CREATE", "UPDATE"].map((verb) => `$JS.API.STREAM.${verb}.${name}`)),
  ],
  subscribe: [inbox],
  replies: false,
});

const distinct = (subjects: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(subjects)];
