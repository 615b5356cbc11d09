import { natsClusterPort, natsMonitorPort } from "../../../graph/node-types/message-bus-engines.ts";
import { defined } from "../../../kernel/mod.ts";
import { loopback } from "../../host/network.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  force,
  integer,
  interpolation,
  list,
  reference,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateFile, certificateOptions, keyFile } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, type UnitAdditions, unitBindings } from "../../unit/systemd.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import { passwordFile } from "../clients.ts";
import type { LeafRemote, NatsSpecification } from "./specification.ts";
import { type NatsStream, type NatsUser, streamMaker } from "./topics.ts";

/** The folder in which the passwords are inserted into the settings. It disappears when the server stops. */
const folder = "cim-nats";

/** The options of a host with a NATS server. */
export const natsOptions = (specification: NatsSpecification): ReadonlyArray<Binding> => {
  const { unit, tls, makesStreams } = specification;
  return [
    binding("services.nats", serverOptions(specification)),
    ...unitBindings("nats", unit, additionsOf(specification)),
    ...certificateOptions(tls, { server: "nats", user: "nats", unit: "nats.service" }),
    ...(makesStreams ? [streamOptions(specification)] : []),
  ];
};

/** Returns the placeholder of a user's password in the settings. */
const userPassword = (user: string): string => `${user}.password`;

/** Returns the placeholder of a leaf node's password at the bus that it dials. */
const leafPassword = (hub: string): string => `${hub}_leaf.password`;

/**
 * Returns `services.nats`. Each password is replaced by the name of the file in the unit's credentials that holds it.
 */
const serverOptions = (specification: NatsSpecification): Expression => {
  const { id, cluster, tls, users } = specification;
  return attributes([
    binding("enable", boolean(true)),
    binding("serverName", string(specification.serverName)),
    binding("port", integer(specification.port)),
    binding("jetstream", boolean(specification.jetstream !== undefined)),
    binding("settings.host", string(specification.listen)),
    binding("settings.http", string(`${loopback}:${natsMonitorPort}`)),
    ...jetstreamBindings(specification),
    ...(users.length === 0 ? [] : [binding("settings.authorization.users", list(users.map(userSettings)))]),
    ...(tls === undefined
      ? []
      : [
          binding("settings.tls.cert_file", string(certificateFile("nats"))),
          binding("settings.tls.key_file", string(keyFile("nats"))),
          ...(tls.plain ? [binding("settings.allow_non_tls", boolean(true))] : []),
        ]),
    ...(cluster === undefined
      ? []
      : [
          binding("settings.cluster.name", string(id)),
          binding("settings.cluster.host", string(cluster.listen)),
          binding("settings.cluster.port", integer(natsClusterPort)),
          binding("settings.cluster.routes", strings(cluster.routes)),
        ]),
    ...leafBindings(specification),
  ]);
};

const jetstreamBindings = ({ jetstream }: NatsSpecification): ReadonlyArray<Binding> => {
  // NixOS leaves an empty set there, and NATS would turn JetStream on for an empty set, under /tmp.
  if (jetstream === undefined) return [binding("settings.jetstream", force(boolean(false)))];
  const { domain, maxFileBytes, maxMemoryBytes } = jetstream;
  return [
    ...(domain === undefined ? [] : [binding("settings.jetstream.domain", string(domain))]),
    ...(maxFileBytes === undefined ? [] : [binding("settings.jetstream.max_file_store", integer(maxFileBytes))]),
    ...(maxMemoryBytes === undefined ? [] : [binding("settings.jetstream.max_memory_store", integer(maxMemoryBytes))]),
  ];
};

const userSettings = ({ name, publish, subscribe, replies }: NatsUser): Expression =>
  attributes([
    binding("user", string(name)),
    binding("password", string(userPassword(name))),
    // An empty list would allow everything.
    binding(
      "permissions.publish",
      attributes([publish.length === 0 ? binding("deny", strings([">"])) : binding("allow", strings(publish))]),
    ),
    binding("permissions.subscribe.allow", strings(subscribe)),
    ...(replies ? [binding("permissions.allow_responses", boolean(true))] : []),
  ]);

const leafBindings = ({ id, leaves, leafRemotes }: NatsSpecification): ReadonlyArray<Binding> => [
  ...(leaves === undefined
    ? []
    : [
        binding("settings.leafnodes.host", string(leaves.listen)),
        binding("settings.leafnodes.port", integer(leaves.port)),
        ...(leaves.users.length === 0
          ? []
          : [binding("settings.leafnodes.authorization.users", list(leaves.users.map(leafUserSettings)))]),
      ]),
  ...(leafRemotes.length === 0
    ? []
    : [binding("settings.leafnodes.remotes", list(leafRemotes.map((remote) => remoteSettings(id, remote))))]),
];

const leafUserSettings = (user: string): Expression =>
  attributes([binding("user", string(user)), binding("password", string(userPassword(user)))]);

const remoteSettings = (id: string, { url, credentialsFile, hub }: LeafRemote): Expression =>
  attributes([
    binding("url", string(hub === undefined ? url : url.replace("://", `://${id}:${leafPassword(hub)}@`))),
    ...(credentialsFile === undefined ? [] : [binding("credentials", string(credentialsFile))]),
  ]);

/** Returns the files with the passwords that the server needs, by their placeholders in its settings. */
const passwordsOf = ({ id, permissions, leaves, leafRemotes }: NatsSpecification): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...[...permissions.map(({ node }) => node), ...(leaves?.users ?? [])].map((user) => [
      userPassword(user),
      passwordFile(id, user),
    ]),
    ...leafRemotes.flatMap(({ hub }) => (hub === undefined ? [] : [[leafPassword(hub), passwordFile(hub, id)]])),
  ]);

/**
 * Returns the additions to the unit of NixOS. If there are passwords or TLS, a program completes the settings when the
 * server starts. NixOS would write them into the store, and would check them on a machine that has neither the
 * passwords nor the certificates.
 */
const additionsOf = (specification: NatsSpecification): UnitAdditions => {
  const passwords = passwordsOf(specification);
  const memoryMb = specification.unit.limits.memoryMb;
  const environment = memoryMb === undefined ? [] : [memoryBinding(memoryMb)];
  if (Object.keys(passwords).length === 0 && specification.tls === undefined) return { settings: environment };
  const settings = apply(
    reference("pkgs", "writeText"),
    string("nats.json"),
    apply(reference("builtins", "toJSON"), reference("config", "services", "nats", "settings")),
  );
  const madeUp = specification.users.filter(({ name }) => name === streamMaker).map(({ name }) => userPassword(name));
  return {
    settings: environment,
    preparations: [commandLine(programPath("natsSettings"), [interpolation(settings), `/run/${folder}`, ...madeUp])],
    serviceConfig: [
      binding("RuntimeDirectory", strings([folder])),
      ...credentialBindings(passwords),
      binding(
        "ExecStart",
        force(interpolation(reference("pkgs", "nats-server"), `/bin/nats-server -c /run/${folder}/nats.json`)),
      ),
    ],
  };
};

/**
 * Returns the setting that makes the server's garbage collector keep a tenth of its memory free, so that systemd does
 * not kill the server at the limit.
 */
const memoryBinding = (memoryMb: number): Binding =>
  binding("environment.GOMEMLIMIT", string(`${Math.max(1, Math.floor(memoryMb * 0.9))}MiB`));

/** The unit that makes the streams. */
export const streamUnit = "cim-nats-streams";

/** Returns the unit that makes the streams once the server answers, and changes them when the graph changes. */
const streamOptions = ({ port, tls, users, streams }: NatsSpecification): Binding => {
  const isGuarded = users.some(({ name }) => name === streamMaker);
  return taskOptions({
    name: streamUnit,
    description: "Makes the streams of the NATS server",
    settings: [
      ...afterServer("nats.service"),
      binding("environment.NATS_URL", string(`${tls === undefined ? "nats" : "tls"}://${loopback}:${port}`)),
      ...(isGuarded ? [binding("environment.NATS_USER", string(streamMaker))] : []),
      ...(tls === undefined ? [] : [binding("environment.NATS_CA", string("%d/ca.crt"))]),
      binding("environment.XDG_CONFIG_HOME", string(`/run/${streamUnit}`)),
    ],
    remains: true,
    serviceConfig: [
      binding("DynamicUser", boolean(true)),
      binding("RuntimeDirectory", string(streamUnit)),
      ...credentialBindings(
        defined({
          password: isGuarded ? `/run/${folder}/${userPassword(streamMaker)}` : undefined,
          "ca.crt": tls === undefined ? undefined : certificateFile("nats"),
        }),
      ),
    ],
    command: commandLine(
      programPath("natsStreams"),
      streams.flatMap((stream) => [stream.name, interpolation(configurationFile(stream))]),
    ),
    // A cluster answers only after its servers have found each other.
    retrySeconds: 5,
  });
};

/**
 * Returns the file in the store from which the NATS command line reads a stream's configuration. Ages are in
 * nanoseconds.
 */
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
