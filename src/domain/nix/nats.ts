import { natsMonitorPort } from "../graph/monitoring-ports.ts";
import type { HostNode, MessageBusNode } from "../graph/node.ts";
import { byText } from "../graph/order.ts";
import { portOf } from "../graph/ports.ts";
import { everywhere, hostInUrl, loopback } from "./addresses.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  list,
  reference,
  string,
  strings,
} from "./expression.ts";
import { isMonitored } from "./monitored.ts";
import { hasStreams, type NatsStream, streamOptions, streamsOf } from "./nats-streams.ts";
import { pathsFrom, tcp } from "./network.ts";
import type { NodeKind } from "./node-kind.ts";
import { type UnitRequirements, unitBindings } from "./systemd.ts";
import type { Topology } from "./topology.ts";

/** The NATS server of a host. */
export interface NatsSpecification {
  readonly type: "message-bus";
  readonly engine: "nats";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly serverName: string;
  readonly port: number;
  /** The address it listens on: the loopback unless a client is on another host. */
  readonly listen: string;
  readonly jetstream?: { readonly domain?: string; readonly maxFileBytes?: number };
  /** The other servers of the same bus. */
  readonly cluster?: { readonly listen: string; readonly routes: ReadonlyArray<string> };
  /** Where it tells an exporter its figures, on the loopback. */
  readonly monitorPort?: number;
  /** Where leaf nodes dial in. */
  readonly leafPort?: number;
  readonly leafRemotes: ReadonlyArray<{ readonly url: string; readonly credentialsFile?: string }>;
  /** The streams that this server's host makes sure of: one host does for all of a cluster. */
  readonly streams: ReadonlyArray<NatsStream>;
  /**
   * What the graph lets each node do. Nothing enforces it yet: that takes users with keys, and the format has none, so
   * whoever reaches the port may publish and subscribe.
   */
  readonly permissions: ReadonlyArray<Permission>;
}

export interface Permission {
  readonly node: string;
  readonly publish: ReadonlyArray<string>;
  readonly subscribe: ReadonlyArray<{ readonly topic: string; readonly consumerGroup?: string }>;
}

const clusterPort = 6222;

const peersOf = (topology: Topology, node: MessageBusNode, host: HostNode): ReadonlyArray<HostNode> =>
  topology.hostsOf(node.id).filter(({ id }) => id !== host.id);

/** Leaf nodes of other buses that dial into the host. */
const leavesAt = (topology: Topology, node: MessageBusNode, host: HostNode) =>
  topology.leavesOf(host).filter(({ bus }) => bus !== node.id);

/** Leaf nodes and what they dial into each have a JetStream of their own, told apart by its domain. */
const needsDomain = (topology: Topology, node: MessageBusNode): boolean =>
  (node.leafRemotes ?? []).length > 0 ||
  topology.hostsOf(node.id).some((host) => leavesAt(topology, node, host).length > 0);

const permissionsOf = (topology: Topology, bus: string): ReadonlyArray<Permission> => {
  const publishers = topology.to(bus, "publishes-to");
  const subscribers = topology.to(bus, "subscribes-to");
  const publish = Map.groupBy(publishers, ({ from }) => from);
  const subscribe = Map.groupBy(subscribers, ({ from }) => from);
  return [...new Set([...publish.keys(), ...subscribe.keys()])].sort().map((node) => ({
    node,
    publish: (publish.get(node) ?? []).map(({ topic }) => topic),
    subscribe: (subscribe.get(node) ?? []).map(({ topic, consumerGroup }) =>
      consumerGroup === undefined ? { topic } : { topic, consumerGroup },
    ),
  }));
};

export const nats: NodeKind<MessageBusNode, NatsSpecification> = {
  unit: () => "nats.service",
  units: (node) => ["nats.service", ...(hasStreams(node) ? ["nats-streams.service"] : [])],
  specify: (node, site) => {
    const { host, topology, clients } = site;
    const peers = peersOf(topology, node, host);
    const [leaf] = leavesAt(topology, node, host);
    const disk = node.resources?.diskGb;
    return {
      type: "message-bus",
      engine: "nats",
      id: node.id,
      unit: site.unit,
      serverName: `${node.id}-${host.id}`,
      port: portOf(node) ?? 4222,
      listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
      leafRemotes: [...(node.leafRemotes ?? [])].sort(byText(({ url }) => url)),
      streams: topology.hostsOf(node.id)[0]?.id === host.id ? streamsOf(node, topology.hostsOf(node.id).length) : [],
      permissions: permissionsOf(topology, node.id),
      ...(node.persistence === true
        ? {
            jetstream: {
              ...(needsDomain(topology, node) ? { domain: node.id } : {}),
              ...(disk === undefined ? {} : { maxFileBytes: Math.round(disk * 1024 ** 3) }),
            },
          }
        : {}),
      ...(peers.length === 0
        ? {}
        : {
            cluster: {
              listen: everywhere([host, ...peers]),
              routes: peers.map(({ address }) => `nats://${hostInUrl(address)}:${clusterPort}`),
            },
          }),
      ...(isMonitored(topology, node) ? { monitorPort: natsMonitorPort } : {}),
      ...(leaf === undefined ? {} : { leafPort: leaf.port }),
    };
  },
  ownPaths: (node, site) => {
    const { topology, host } = site;
    return [
      ...pathsFrom(topology, host, tcp(node.id, node.id, clusterPort)),
      ...leavesAt(topology, node, host).flatMap(({ bus, port }) => pathsFrom(topology, host, tcp(bus, node.id, port))),
    ];
  },
  options: (specification) => [
    binding("services.nats", attributes(serverOptions(specification))),
    ...unitBindings("nats", specification.unit),
    ...streamOptions(specification.streams, specification.port),
  ],
};

const serverOptions = (specification: NatsSpecification): ReadonlyArray<Binding> => {
  const { id, jetstream, cluster, leafPort, leafRemotes } = specification;
  return [
    binding("enable", boolean(true)),
    binding("serverName", string(specification.serverName)),
    binding("port", integer(specification.port)),
    binding("jetstream", boolean(jetstream !== undefined)),
    binding("settings.host", string(specification.listen)),
    ...(jetstream === undefined
      ? // NixOS would leave an empty set there, which turns JetStream on, under /tmp.
        [binding("settings.jetstream", apply(reference("lib", "mkForce"), boolean(false)))]
      : [
          ...(jetstream.domain === undefined ? [] : [binding("settings.jetstream.domain", string(jetstream.domain))]),
          ...(jetstream.maxFileBytes === undefined
            ? []
            : [binding("settings.jetstream.max_file_store", integer(jetstream.maxFileBytes))]),
        ]),
    ...(cluster === undefined
      ? []
      : [
          binding("settings.cluster.name", string(id)),
          binding("settings.cluster.host", string(cluster.listen)),
          binding("settings.cluster.port", integer(clusterPort)),
          binding("settings.cluster.routes", strings(cluster.routes)),
        ]),
    ...(specification.monitorPort === undefined
      ? []
      : [binding("settings.http", string(`${loopback}:${specification.monitorPort}`))]),
    ...(leafPort === undefined ? [] : [binding("settings.leafnodes.port", integer(leafPort))]),
    ...(leafRemotes.length === 0 ? [] : [binding("settings.leafnodes.remotes", list(leafRemotes.map(remote)))]),
  ];
};

const remote = ({ url, credentialsFile }: NatsSpecification["leafRemotes"][number]) =>
  attributes([
    binding("url", string(url)),
    ...(credentialsFile === undefined ? [] : [binding("credentials", string(credentialsFile))]),
  ]);
