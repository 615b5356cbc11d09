import type { MessageBusNode } from "../graph/node.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "./expression.ts";
import { commandLine } from "./systemd.ts";

/** A JetStream stream that keeps the messages of a topic. */
export interface NatsStream {
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

/** Whether a bus keeps messages. */
export const hasStreams = ({ persistence, topics = [] }: MessageBusNode): boolean =>
  persistence === true && topics.length > 0;

type Topic = NonNullable<MessageBusNode["topics"]>[number];

const streamName = (topic: string): string => topic.replaceAll(/[^A-Za-z0-9_-]/g, "_");

/** A topic is its subject and what is below it, as far as no other topic is there. */
const subjectsOf = (topic: string, topics: ReadonlyArray<Topic>): ReadonlyArray<string> =>
  /[*>]/.test(topic) || topics.some(({ name }) => name.startsWith(`${topic}.`)) ? [topic] : [topic, `${topic}.>`];

/**
 * The streams of a bus that keeps messages. NATS hands the messages of one stream to any number of readers, so the
 * partitions of a topic need nothing of their own.
 */
export const streamsOf = ({ persistence, topics = [] }: MessageBusNode, servers: number): ReadonlyArray<NatsStream> =>
  persistence !== true
    ? []
    : topics.map(({ name, retentionHours, replicationFactor = 1 }) => ({
        name: streamName(name),
        subjects: subjectsOf(name, topics),
        replicas: Math.min(replicationFactor, servers, mostReplicas),
        ...(retentionHours === undefined || retentionHours > longestRetentionHours
          ? {}
          : { maxAgeSeconds: Math.ceil(retentionHours * 3600) }),
      }));

/** The file, in the store, that the NATS command line reads a stream's configuration from. Ages are in nanoseconds. */
const configurationFile = ({ name, subjects, maxAgeSeconds = 0, replicas }: NatsStream): Expression =>
  apply(
    reference("pkgs", "writeText"),
    string(`${name}.json`),
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

const script = [
  "# NAME FILE...: gives each stream the configuration in its file.",
  'while [ "$#" -gt 0 ]; do',
  '  if nats stream info "$1" > /dev/null; then',
  '    nats stream edit "$1" --config "$2" --force',
  "  else",
  '    nats stream add "$1" --config "$2"',
  "  fi",
  "  shift 2",
  "done",
  "",
].join("\n");

const program = apply(
  reference("pkgs", "writeShellApplication"),
  attributes([
    binding("name", string("nats-streams")),
    binding("runtimeInputs", list([reference("pkgs", "natscli")])),
    binding("text", string(script)),
  ]),
);

/** The unit that makes streams, and changes them when the graph does, once the server answers. */
export const streamOptions = (streams: ReadonlyArray<NatsStream>, port: number): ReadonlyArray<Binding> =>
  streams.length === 0
    ? []
    : [
        binding(
          "systemd.services.nats-streams",
          attributes([
            binding("description", string("Makes the streams of the NATS server")),
            binding("wantedBy", strings(["multi-user.target"])),
            binding("after", strings(["nats.service"])),
            binding("requires", strings(["nats.service"])),
            binding("environment.NATS_URL", string(`nats://127.0.0.1:${port}`)),
            binding("environment.XDG_CONFIG_HOME", string("/run/nats-streams")),
            binding(
              "serviceConfig",
              attributes([
                binding("Type", string("oneshot")),
                binding("RemainAfterExit", boolean(true)),
                binding("DynamicUser", boolean(true)),
                binding("RuntimeDirectory", string("nats-streams")),
                binding(
                  "ExecStart",
                  commandLine(
                    interpolation(program, "/bin/nats-streams"),
                    streams.flatMap((stream) => [stream.name, interpolation(configurationFile(stream))]),
                  ),
                ),
                // A cluster answers only when it has found itself.
                binding("Restart", string("on-failure")),
                binding("RestartSec", integer(5)),
              ]),
            ),
          ]),
        ),
      ];
