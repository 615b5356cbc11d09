import { addressFamily } from "../../graph/addresses.ts";
import type { HostNode } from "../../graph/node.ts";
import { byText, sortedByText } from "../../graph/order.ts";
import { release } from "../flake/release.ts";
import type { Place } from "../node-kind.ts";
import { type NodeSpecification, secretsOf } from "../node-kinds.ts";
import { loopback } from "./addresses.ts";
import { type AspectSpecification, aspectPaths, aspectSecrets, specifyAspects } from "./aspects.ts";
import { firewallRules, type Path } from "./network.ts";
import type { Secret } from "./secrets.ts";

export interface PublicPort {
  readonly node: string;
  readonly port: number;
}

/** What a host must be. */
export interface HostSpecification {
  readonly id: string;
  readonly system: HostNode["system"];
  readonly address: string;
  readonly ssh: { readonly user: string; readonly port: number; readonly identityFile?: string };
  readonly stateVersion: string;
  /** The operator's own modules: absolute, or relative to the flake. */
  readonly imports: ReadonlyArray<string>;
  readonly rootDevice?: string;
  /** TCP ports open to everyone, and the nodes that they are open for. */
  readonly publicPorts: ReadonlyArray<PublicPort>;
  /** What else the firewall lets in. */
  readonly paths: ReadonlyArray<Path>;
  /** The nodes that nodes of this host connect to are known here by their id. */
  readonly names: ReadonlyArray<{ readonly address: string; readonly nodes: ReadonlyArray<string> }>;
  readonly nodes: ReadonlyArray<NodeSpecification>;
  /** The units that there are for the sake of each node, by its id. */
  readonly units: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly aspects: AspectSpecification;
  /** Files that the operator puts there. */
  readonly secrets: ReadonlyArray<Secret>;
}

/** The edges whose targets a node's program looks up by their id. */
const lookedUp = ["connects-to", "publishes-to", "subscribes-to", "load-balances", "replicates", "monitors"] as const;

/** Where each target of an edge that needs a connection is, seen from a host; only what has an IP address. */
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

/** A secret that several nodes of a host read is one file. */
const distinctSecrets = (secrets: ReadonlyArray<Secret>): ReadonlyArray<Secret> =>
  [...new Map(secrets.map((secret) => [`${secret.path} ${secret.node}`, secret])).values()].sort(
    byText(({ path, node }) => `${path} ${node}`),
  );

/** What the nodes of a host ask of it. */
export interface Demands {
  readonly nodes: ReadonlyArray<NodeSpecification>;
  readonly units: HostSpecification["units"];
  readonly paths: ReadonlyArray<Path>;
  readonly publicPorts: ReadonlyArray<PublicPort>;
}

/** A host with what its nodes need of it. */
export const specifyHost = (place: Place, { nodes, units, paths, publicPorts }: Demands): HostSpecification => {
  const { host } = place;
  const aspects = specifyAspects(place);
  return {
    id: host.id,
    system: host.system,
    address: host.address,
    ssh: {
      user: host.ssh?.user ?? "root",
      port: host.ssh?.port ?? 22,
      ...(host.ssh?.identityFile === undefined ? {} : { identityFile: host.ssh.identityFile }),
    },
    stateVersion: host.stateVersion ?? release,
    imports: host.imports ?? [],
    ...(host.rootDevice === undefined ? {} : { rootDevice: host.rootDevice }),
    publicPorts: publicPorts.toSorted((left, right) => left.port - right.port),
    paths: sortedByText([...paths, ...aspectPaths(place)], pathOrder),
    names: namesAt(place),
    nodes,
    units,
    aspects,
    secrets: distinctSecrets([...nodes.flatMap(secretsOf), ...aspectSecrets(aspects)]),
  };
};
