import type { Permission, SubscribeRight } from "../clients.ts";
import { cleanName, type NatsStream } from "./streams.ts";
import { isQueue, subjectsOf, type Topic } from "./subjects.ts";

/** Somebody whom a server knows by a password. */
export interface NatsUser {
  readonly name: string;
  /** The subjects on which it may publish. */
  readonly publish: ReadonlyArray<string>;
  /** The subjects to which it may subscribe; with a queue group behind a space, only as a member of that group. */
  readonly subscribe: ReadonlyArray<string>;
  /** Whether it may answer requests that it gets. */
  readonly replies: boolean;
}

/** Where answers arrive, those of JetStream too. */
const inbox = "_INBOX.>";

/** The user that makes the streams. No node has an id with an underscore. */
export const streamMaker = "cim_streams";

/**
 * What reading a stream takes: looking it up, making and pulling a consumer, acknowledging. The consumer is named like
 * the consumer group, if there is one; then no other can be used.
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

/** A group that NATS cannot name has no members. */
const subscriptions = (
  { topic, consumerGroup }: SubscribeRight,
  topics: ReadonlyArray<Topic>,
): ReadonlyArray<string> => {
  if (consumerGroup === undefined) return subjectsOf(topic, topics);
  return isQueue(consumerGroup) ? subjectsOf(topic, topics).map((subject) => `${subject} ${consumerGroup}`) : [];
};

/** What a bus keeps, and whether the server at hand makes the streams for it. */
interface Kept {
  readonly streams: ReadonlyArray<NatsStream>;
  readonly makesStreams: boolean;
}

/** The users of a server and what they may do there. Nobody where the graph gives nobody a right. */
export const usersOf = (
  permissions: ReadonlyArray<Permission>,
  topics: ReadonlyArray<Topic>,
  { streams, makesStreams }: Kept,
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
