import { addressFamily } from "../../graph/addresses.ts";
import { isUdp } from "../../graph/edge.ts";
import type { GraphIndex } from "../../graph/graph-index.ts";
import type { HostNode, Node } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";

/** One way into a host that its firewall lets through. */
export interface Path {
  /** The node it is opened for. */
  readonly from: string;
  readonly to: string;
  /** The host that `from` runs on, and its address. */
  readonly host: string;
  readonly address: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
  readonly encrypted: boolean;
}

/** Where a path leads, and for whose sake. */
type Way = Omit<Path, "host" | "address">;

/** A way into `host` from each host that a node runs on, other than `host` itself. */
export const pathsFrom = (topology: GraphIndex, host: HostNode, way: Way): ReadonlyArray<Path> =>
  topology
    .hostsOf(way.from)
    .filter(({ id }) => id !== host.id)
    .map(({ id, address }) => ({ ...way, host: id, address }));

/** A plain TCP connection of one node to another, whatever hosts they run on. */
export const tcp = (from: string, to: string, port: number): Way => ({
  ...{ from, to, port },
  transport: "tcp",
  encrypted: false,
});

/** Where the sources of `connects-to` edges to a node run, other than on `host` itself, and what they reach there. */
export const clientsOf = (topology: GraphIndex, node: Node, host: HostNode): ReadonlyArray<Path> =>
  topology.to(node.id, "connects-to").flatMap((edge) => {
    const port = edge.port ?? portOf(node);
    if (port === undefined) return [];
    return pathsFrom(topology, host, {
      ...{ from: edge.from, to: node.id, port },
      transport: isUdp(edge.protocol) ? "udp" : "tcp",
      encrypted: edge.encrypted ?? false,
    });
  });

/** The port that load balancers reach a node on; that of HTTP where it names none. */
export const backendPort = (node: Node): number => portOf(node) ?? 80;

/** Load balancers and standbys that reach a node on `host` from other hosts. */
const partnersOf = (topology: GraphIndex, node: Node, host: HostNode): ReadonlyArray<Path> => {
  const opened = (type: "load-balances" | "replicates", port: number) =>
    topology.to(node.id, type).flatMap(({ from }) => pathsFrom(topology, host, tcp(from, node.id, port)));
  const own = portOf(node);
  return [...opened("load-balances", backendPort(node)), ...(own === undefined ? [] : opened("replicates", own))];
};

/** Every way into `host` that the edges to one of its nodes open. */
export const pathsTo = (topology: GraphIndex, node: Node, host: HostNode): ReadonlyArray<Path> => [
  ...clientsOf(topology, node, host),
  ...partnersOf(topology, node, host),
];

/** The nftables sets that hold the addresses of a host that is known by a DNS name. */
export const addressSets = (host: string): { readonly v4: string; readonly v6: string } => ({
  v4: `${host}-v4`,
  v6: `${host}-v6`,
});

/** The nftables rules that accept a path: one, or one for each kind of address where the host has a DNS name. */
export const firewallRules = ({ from, to, host, address, transport, port }: Path): ReadonlyArray<string> => {
  const family = addressFamily(address);
  const end = `${transport} dport ${port} accept # ${from} to ${to}`;
  if (family === undefined) {
    const sets = addressSets(host);
    return [`ip saddr @${sets.v4} ${end}`, `ip6 saddr @${sets.v6} ${end}`];
  }
  return [`${family === 6 ? "ip6" : "ip"} saddr ${address.replace(/%.*$/, "")} ${end}`];
};
