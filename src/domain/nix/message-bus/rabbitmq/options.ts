import { addressFamily } from "../../../graph/addresses.ts";
import { rabbitmqMonitorPort } from "../../../graph/node-types/message-bus-engines.ts";
import { defined } from "../../../kernel/mod.ts";
import { secretFile } from "../../host/secrets.ts";
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
import type { RabbitmqSpecification, RabbitmqTopic } from "./specification.ts";

export const setupUnit = "cim-rabbitmq-setup";

/** Returns the file with the secret by which the servers of a cluster recognize each other. */
export const cookieFile = (bus: string): string => secretFile(bus, "erlang.cookie");

/** The options of a host with a RabbitMQ server. */
export const rabbitmqOptions = (specification: RabbitmqSpecification): ReadonlyArray<Binding> => {
  const { unit, tls, cluster, setsUp, listen, port, topics } = specification;
  const items = attributes(itemsOf(specification).map(([name, value]) => binding([name], string(value))));
  const hashes = topics.some(({ streams }) => streams.length > 1);
  return [
    binding(
      "services.rabbitmq",
      attributes([
        binding("enable", boolean(true)),
        binding("listenAddress", string(listen)),
        binding("port", integer(port)),
        binding("plugins", strings(["rabbitmq_prometheus", ...(hashes ? ["rabbitmq_consistent_hash_exchange"] : [])])),
        // Without this, NixOS would make the server listen without TLS too.
        binding("configItems", tls === undefined ? items : force(items)),
      ]),
    ),
    ...unitBindings("rabbitmq", unit, additionsOf(specification)),
    ...(cluster === undefined ? [] : hostNames(cluster.members)),
    ...certificateOptions(tls, { server: "rabbitmq", user: "rabbitmq", unit: "rabbitmq.service" }),
    ...(setsUp ? [setupBinding(specification)] : []),
  ];
};

const hostNames = (members: NonNullable<RabbitmqSpecification["cluster"]>["members"]): ReadonlyArray<Binding> => {
  const lines = members.flatMap(({ name, address }) =>
    addressFamily(address) === undefined ? [] : [`${address} ${name}\n`],
  );
  return lines.length === 0 ? [] : [binding("networking.extraHosts", string(lines.join("")))];
};

const itemsOf = (specification: RabbitmqSpecification): ReadonlyArray<readonly [string, string]> => {
  const { cluster, tls, listen, figures, port, users, unit } = specification;
  const { memoryMb } = unit.limits;
  return [
    ["prometheus.tcp.ip", figures],
    ["prometheus.tcp.port", String(rabbitmqMonitorPort)],
    // With this limit, RabbitMQ stops accepting messages before systemd would kill it.
    ...(memoryMb === undefined
      ? []
      : [["vm_memory_high_watermark.absolute", `${Math.max(1, Math.floor(memoryMb * 0.6))}MiB`] as const]),
    // If the graph gives no rights, clients on other hosts log in as the guest too.
    ...(users.length === 0 ? [["loopback_users.guest", "false"] as const] : []),
    ...(cluster === undefined
      ? []
      : [
          ["cluster_formation.peer_discovery_backend", "classic_config"] as const,
          ...cluster.members.map(
            ({ name }, index) => [`cluster_formation.classic_config.nodes.${index + 1}`, `rabbit@${name}`] as const,
          ),
          ["cluster_partition_handling", cluster.members.length > 2 ? "pause_minority" : "autoheal"] as const,
        ]),
    ...(tls === undefined
      ? []
      : [
          ["listeners.tcp", "none"] as const,
          ["listeners.ssl.1", `${listen}:${port}`] as const,
          ["ssl_options.certfile", certificateFile("rabbitmq")] as const,
          ["ssl_options.keyfile", keyFile("rabbitmq")] as const,
          ["ssl_options.verify", "verify_none"] as const,
          ["ssl_options.fail_if_no_peer_cert", "false"] as const,
        ]),
  ];
};

/** Returns the name of the Erlang node of a server in a cluster. */
const nodeName = ({ cluster }: RabbitmqSpecification): ReadonlyArray<Binding> =>
  cluster === undefined
    ? []
    : [
        binding("environment.RABBITMQ_USE_LONGNAME", string("true")),
        binding("environment.RABBITMQ_NODENAME", string(`rabbit@${cluster.self}`)),
      ];

const additionsOf = (specification: RabbitmqSpecification): UnitAdditions =>
  specification.cluster === undefined
    ? {}
    : {
        settings: nodeName(specification),
        preparations: [
          interpolation(
            reference("pkgs", "coreutils"),
            "/bin/install -m 0400 %d/erlang.cookie /var/lib/rabbitmq/.erlang.cookie",
          ),
        ],
        serviceConfig: credentialBindings({ "erlang.cookie": cookieFile(specification.id) }),
      };

const json = (value: unknown): Expression =>
  apply(reference("pkgs", "writeText"), string("definitions.json"), string(`${JSON.stringify(value)}\n`));

/** Returns the unit that makes the topics and the users once the server answers. */
const setupBinding = (specification: RabbitmqSpecification): Binding => {
  const { id, topics, users } = specification;
  const control = interpolation(reference("pkgs", "rabbitmq-server"), "/bin/rabbitmqctl");
  return taskOptions({
    name: setupUnit,
    description: "Makes the topics and users of the RabbitMQ server",
    settings: [...afterServer("rabbitmq.service"), ...nodeName(specification)],
    remains: true,
    user: "rabbitmq",
    serviceConfig: credentialBindings(
      Object.fromEntries(users.map(({ name }) => [`${name}.password`, passwordFile(id, name)])),
    ),
    command: list([
      ...(topics.length === 0
        ? []
        : [commandLine(control, ["import_definitions", interpolation(json(definitionsOf(topics)))])]),
      ...(users.length === 0
        ? []
        : [
            commandLine(
              programPath("rabbitmqUsers"),
              users.flatMap(({ name, configure, write, read }) => [
                name,
                exactly(configure),
                exactly(write),
                exactly(read),
              ]),
            ),
          ]),
    ]),
    retrySeconds: 5,
  });
};

/** Returns a regular expression (PCRE) that matches exactly these names. `^$` matches none. */
export const exactly = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "^$" : `^(?:${names.map(quoted).join("|")})\\z`;

const quoted = (name: string): string => name.replaceAll(/[^A-Za-z0-9_@\u0080-\u{10ffff}]/gu, (found) => `\\${found}`);

const vhost = "/";

/**
 * Returns the topics as RabbitMQ's JSON of definitions. Limits are policies, because a policy can change for an
 * existing stream.
 */
const definitionsOf = (topics: ReadonlyArray<RabbitmqTopic>) => ({
  exchanges: topics.map(({ name, streams }) => ({
    vhost,
    name,
    durable: true,
    auto_delete: false,
    internal: false,
    arguments: {},
    type: streams.length > 1 ? "x-consistent-hash" : "topic",
  })),
  queues: topics.flatMap(({ streams, replicas }) =>
    streams.map((name) => ({
      vhost,
      name,
      durable: true,
      auto_delete: false,
      arguments: { "x-queue-type": "stream", "x-initial-cluster-size": replicas },
    })),
  ),
  bindings: topics.flatMap(({ name, streams }) =>
    streams.map((destination) => ({
      vhost,
      source: name,
      destination,
      destination_type: "queue",
      arguments: {},
      // The routing key of a consistent hash is the weight of its queue.
      routing_key: streams.length > 1 ? "1" : "#",
    })),
  ),
  policies: topics.flatMap(({ name, streams, maxAgeSeconds, maxBytes }) =>
    streams.length === 0 || (maxAgeSeconds === undefined && maxBytes === undefined)
      ? []
      : [
          {
            vhost,
            name: `cim ${name}`,
            pattern: exactly(streams),
            "apply-to": "queues",
            priority: 1,
            definition: defined({
              "max-age": maxAgeSeconds === undefined ? undefined : `${maxAgeSeconds}s`,
              "max-length-bytes": maxBytes,
            }),
          },
        ],
  ),
});
