import { addressFamily } from "../../graph/addresses.ts";
import type { GraphDocument } from "../../graph/document.ts";
import { indexOf } from "../../graph/graph-index.ts";
import type { HostNode, Node } from "../../graph/node.ts";
import { byText, sortedByText } from "../../graph/order.ts";
import { defined } from "../../kernel/mod.ts";
import { release } from "../flake/pins.ts";
import type { Management, Place } from "../node-kind.ts";
import {
  isPlaced,
  type NodeSpecification,
  ownPathsOf,
  publicPortsOf,
  secretsOf,
  specifyNode,
  unitsOf,
} from "../node-kinds.ts";
import { type AspectSpecification, aspectPaths, aspectSecrets, specifyAspects } from "./aspects.ts";
import { baseOf, type HostBase } from "./base.ts";
import { firewallRules, loopback, type Path, pathsTo } from "./network.ts";
import { requirementsOf } from "./requirements.ts";
import type { Secret } from "./secrets.ts";

/** A TCP port that is open to everyone. */
export interface PublicPort {
  readonly node: string;
  readonly port: number;
}

/** The configuration of a host, as plain data. */
export interface HostSpecification {
  readonly id: string;
  readonly system: HostNode["system"];
  readonly address: string;
  readonly ssh: { readonly user: string; readonly port: number; readonly identityFile?: string };
  readonly stateVersion: string;
  readonly base: HostBase;
  readonly rootDevice?: string;
  /** TCP ports that are open to everyone, and the nodes that they are open for. */
  readonly publicPorts: ReadonlyArray<PublicPort>;
  /** The other paths through the firewall. */
  readonly paths: ReadonlyArray<Path>;
  /** The addresses of the nodes that this host knows by their ids, because nodes of this host connect to them. */
  readonly names: ReadonlyArray<{ readonly address: string; readonly nodes: ReadonlyArray<string> }>;
  readonly nodes: ReadonlyArray<NodeSpecification>;
  /** The units that exist because of each node, by its id. */
  readonly units: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly aspects: AspectSpecification;
  /** Files that the operator puts on the host. */
  readonly secrets: ReadonlyArray<Secret>;
}

/**
 * Returns the specifications of the hosts of a valid graph (one in which `findProblems` finds no error), sorted by id.
 * They are the same for every order of the graph's nodes and edges. They are made one at a time, because all hosts of a
 * large graph at once would take much memory.
 */
export function* specify(document: GraphDocument): Iterable<HostSpecification> {
  const topology = indexOf(document);
  for (const host of topology.hosts) yield specifyResidents({ topology, host });
}

const specifyResidents = (place: Place): HostSpecification => {
  const { topology, host } = place;
  const nodes: Array<NodeSpecification> = [];
  const units: Record<string, ReadonlyArray<string>> = {};
  const paths: Array<Path> = [];
  const publicPorts: Array<PublicPort> = [];
  for (const node of topology.residents.get(host.id) ?? []) {
    if (!isPlaced(node)) continue;
    const clients = pathsTo(topology, node, host);
    nodes.push(
      specifyNode(node, { ...place, clients, unit: requirementsOf(place, node), manages: managedBy(place, node) }),
    );
    units[node.id] = unitsOf(node, place);
    paths.push(...clients, ...ownPathsOf(node, place));
    publicPorts.push(...publicPortsOf(node).map((port) => ({ node: node.id, port })));
  }
  return specifyHost(place, { nodes, units, paths, publicPorts });
};

/** Returns the nodes that a node manages, with the units of each on the same host. */
const managedBy = (place: Place, node: Node): ReadonlyArray<Management> =>
  place.topology.from(node.id, "manages").map(({ to, permissions }) => {
    const target = place.topology.nodes.get(to);
    const here = target !== undefined && isPlaced(target) && place.topology.runsOn(to, place.host.id);
    return { node: to, permissions, units: here ? unitsOf(target, place) : [] };
  });

/** The edges whose targets a node's program looks up by their id. */
const lookedUp = ["connects-to", "publishes-to", "subscribes-to", "load-balances", "replicates", "monitors"] as const;

/**
 * Returns the addresses of the targets of edges that need a connection, as a host sees them. DNS names are left out.
 */
const namesAt = ({ topology, host }: Place): HostSpecification["names"] => {
  const names = new Map<string, Set<string>>();
  for (const { id } of topology.residents.get(host.id) ?? []) {
    const edges = lookedUp.flatMap((type) => topology.from(id, type));
    for (const target of new Set(edges.map(({ to }) => to))) {
      const hosts = topology.hostsOf(target);
      const addresses = hosts.includes(host) ? [loopback] : hosts.map(({ address }) => address);
      for (const address of addresses)
        if (addressFamily(address) !== undefined) names.set(address, (names.get(address) ?? new Set()).add(target));
    }
  }
  return [...names]
    .map(([address, nodes]) => ({ address, nodes: [...nodes].sort() }))
    .sort(byText(({ address }) => address));
};

const pathOrder = (path: Path): string => `${firewallRules(path).join()} ${path.host}`;

/** Returns each secret once. A secret that a node reads for several reasons is one file. */
const distinctSecrets = (secrets: ReadonlyArray<Secret>): ReadonlyArray<Secret> =>
  [...new Map(secrets.map((secret) => [`${secret.path} ${secret.node}`, secret])).values()].sort(
    byText(({ path, node }) => `${path} ${node}`),
  );

/** The requirements of the nodes of a host. */
interface Demands {
  readonly nodes: ReadonlyArray<NodeSpecification>;
  readonly units: HostSpecification["units"];
  readonly paths: ReadonlyArray<Path>;
  readonly publicPorts: ReadonlyArray<PublicPort>;
}

/** Returns the specification of a host whose nodes are specified. */
const specifyHost = (place: Place, { nodes, units, paths, publicPorts }: Demands): HostSpecification => {
  const { host } = place;
  const aspects = specifyAspects(place);
  return defined({
    id: host.id,
    system: host.system,
    address: host.address,
    ssh: defined({
      user: host.ssh?.user ?? "root",
      port: host.ssh?.port ?? 22,
      identityFile: host.ssh?.identityFile,
    }),
    stateVersion: host.stateVersion ?? release,
    base: baseOf(host),
    rootDevice: host.rootDevice,
    publicPorts: publicPorts.toSorted((left, right) => left.port - right.port),
    paths: sortedByText([...paths, ...aspectPaths(place)], pathOrder),
    names: namesAt(place),
    nodes,
    units,
    aspects,
    secrets: distinctSecrets([...nodes.flatMap(secretsOf), ...aspectSecrets(aspects)]),
  });
};
