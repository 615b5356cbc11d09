import type { MessageBusNode } from "../../../graph/node.ts";
import { shortHash } from "../../hash.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings } from "../../unit/systemd.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import { isSubject, overlap, subjectsOf } from "./subjects.ts";

/** A JetStream stream that keeps the messages of a topic. */
export interface NatsStream {
  readonly topic: string;
  readonly name: string;
  readonly subjects: ReadonlyArray<string>;
  /** Without one, messages are kept for ever. */
  readonly maxAgeSeconds?: number;
  readonly replicas: number;
}

/** NATS counts ages in nanoseconds, as 64-bit integers: 292 years. What is kept longer is kept for ever. */
const longestRetentionHours = 2_500_000;

/** As many servers as NATS keeps a message on. */
const mostReplicas = 5;

/** The unit that makes the streams. */
export const streamUnit = "cim-nats-streams";

/** As many characters as names of streams have at most here; NATS takes 255. */
const longestName = 200;

/** A name that NATS takes for a stream or a consumer, and its command line for no option. */
export const cleanName = (text: string): string =>
  text.length > longestName
    ? `${cleanName(text.slice(0, longestName - 9))}-${shortHash(text)}`
    : text.replaceAll(/^-|[^A-Za-z0-9_-]/g, "_");

/** Names for the streams of topics. Where two would have one name, a hash tells those that are not called so apart. */
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
 * The streams of a bus that keeps messages. NATS hands the messages of one stream to any number of readers, so the
 * partitions of a topic need nothing of their own. A topic that an earlier one overlaps has no stream: NATS refuses it.
 */
export const streamsOf = ({ persistence, topics = [] }: MessageBusNode, servers: number): ReadonlyArray<NatsStream> => {
  if (persistence !== true) return [];
  const names = namesOf([...new Set(topics.map(({ name }) => name))]);
  const streams: Array<NatsStream> = [];
  for (const { name: topic, retentionHours, replicationFactor = 1 } of topics) {
    if (!isSubject(topic) || streams.some(({ subjects }) => subjects.some((other) => overlap(other, topic)))) continue;
    streams.push({
      topic,
      name: names.get(topic) ?? topic,
      subjects: subjectsOf(topic, topics),
      replicas: Math.min(replicationFactor, servers, mostReplicas),
      ...(retentionHours === undefined || retentionHours > longestRetentionHours
        ? {}
        : { maxAgeSeconds: Math.ceil(retentionHours * 3600) }),
    });
  }
  return streams;
};

/** The file, in the store, that the NATS command line reads a stream's configuration from. Ages are in nanoseconds. */
const configurationFile = ({ name, subjects, maxAgeSeconds = 0, replicas }: NatsStream): Expression =>
  apply(
    reference("pkgs", "writeText"),
    string("stream.json"),
    apply(
      reference("builtins", "toJSON"),
      attributes([
        binding("name", string(name)),
        binding("subjects", strings(subjects)),
        binding("storage", string("file")),
        binding("retention", string("limits")),
        binding("discard", string("old")),
        binding("num_replicas", integer(replicas)),
        binding("max_age", integer(maxAgeSeconds * 1_000_000_000)),
        ...["max_consumers", "max_msgs", "max_msgs_per_subject", "max_bytes", "max_msg_size"].map((limit) =>
          binding(limit, integer(-1)),
        ),
      ]),
    ),
  );

/** How the unit that makes streams gets to the server. */
export interface StreamAccess {
  readonly url: string;
  /** The user that it is, and the file with its password, where the server knows its clients. */
  readonly user?: { readonly name: string; readonly passwordFile: string };
  /** The certificate of the server, where it speaks TLS only. */
  readonly certificateFile?: string;
}

/** The unit that makes streams, and changes them when the graph does, once the server answers. */
export const streamOptions = (
  streams: ReadonlyArray<NatsStream>,
  { url, user, certificateFile }: StreamAccess,
): ReadonlyArray<Binding> =>
  streams.length === 0
    ? []
    : [
        taskOptions({
          name: streamUnit,
          description: "Makes the streams of the NATS server",
          settings: [
            ...afterServer("nats.service"),
            binding("environment.NATS_URL", string(url)),
            ...(user === undefined ? [] : [binding("environment.NATS_USER", string(user.name))]),
            ...(certificateFile === undefined ? [] : [binding("environment.NATS_CA", string("%d/ca.crt"))]),
            binding("environment.XDG_CONFIG_HOME", string(`/run/${streamUnit}`)),
          ],
          remains: true,
          serviceConfig: [
            binding("DynamicUser", boolean(true)),
            binding("RuntimeDirectory", string(streamUnit)),
            ...credentialBindings({
              ...(user === undefined ? {} : { password: user.passwordFile }),
              ...(certificateFile === undefined ? {} : { "ca.crt": certificateFile }),
            }),
          ],
          command: commandLine(
            programPath("natsStreams"),
            streams.flatMap((stream) => [stream.name, interpolation(configurationFile(stream))]),
          ),
          // A cluster answers only when it has found itself.
          retrySeconds: 5,
        }),
      ];
