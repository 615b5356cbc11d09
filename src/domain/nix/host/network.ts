import { addressFamily } from "../../graph/addresses.ts";
import { isUdp } from "../../graph/edge.ts";
import type { GraphIndex } from "../../graph/graph-index.ts";
import type { HostNode, Node } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";

export const loopback = "127.0.0.1";

/** Returns the address to listen on so that hosts with these addresses can connect: every interface. */
export const everywhere = (ends: ReadonlyArray<{ readonly address: string }>): string =>
  ends.every(({ address }) => addressFamily(address) === 4) ? "0.0.0.0" : "::";

/** Returns an address in the form that URLs need. */
export const hostInUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);

/** A path into a host that its firewall admits. */
export interface Path {
  /** The node that the path is opened for. */
  readonly from: string;
  readonly to: string;
  /** The host that `from` runs on, and its address. */
  readonly host: string;
  readonly address: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
  readonly encrypted: boolean;
}

/** A path without its source: the node that it leads to, and the node that it is opened for. */
type Way = Omit<Path, "host" | "address">;

/** Returns the path into `host` from each other host that the node `way.from` runs on. */
export const pathsFrom = (topology: GraphIndex, host: HostNode, way: Way): ReadonlyArray<Path> =>
  topology
    .hostsOf(way.from)
    .filter(({ id }) => id !== host.id)
    .map(({ id, address }) => ({ ...way, host: id, address }));

/** A TCP connection without TLS from one node to another, on any hosts. */
export const tcp = (from: string, to: string, port: number): Way => ({
  from,
  to,
  port,
  transport: "tcp",
  encrypted: false,
});

/** Returns the paths into `host` for the sources of `connects-to` edges to a node that run on other hosts. */
export const clientsOf = (topology: GraphIndex, node: Node, host: HostNode): ReadonlyArray<Path> =>
  topology.to(node.id, "connects-to").flatMap((edge) => {
    const port = edge.port ?? portOf(node);
    if (port === undefined) return [];
    return pathsFrom(topology, host, {
      from: edge.from,
      to: node.id,
      port,
      transport: isUdp(edge.protocol) ? "udp" : "tcp",
      encrypted: edge.encrypted ?? false,
    });
  });

/** Returns the port on which load balancers reach a node; 80 if the node names none. */
export const backendPort = (node: Node): number => portOf(node) ?? 80;

/** Returns the paths into `host` for load balancers and standbys of a node that run on other hosts. */
const partnersOf = (topology: GraphIndex, node: Node, host: HostNode): ReadonlyArray<Path> => {
  const opened = (type: "load-balances" | "replicates", port: number) =>
    topology.to(node.id, type).flatMap(({ from }) => pathsFrom(topology, host, tcp(from, node.id, port)));
  const own = portOf(node);
  return [...opened("load-balances", backendPort(node)), ...(own === undefined ? [] : opened("replicates", own))];
};

/** Returns every path into `host` that the edges to one of its nodes open. */
export const pathsTo = (topology: GraphIndex, node: Node, host: HostNode): ReadonlyArray<Path> => [
  ...clientsOf(topology, node, host),
  ...partnersOf(topology, node, host),
];

/** Returns the names of the nftables sets with the addresses of a host that has a DNS name. */
export const addressSets = (host: string): { readonly v4: string; readonly v6: string } => ({
  v4: `${host}-v4`,
  v6: `${host}-v6`,
});

/**
 * Returns the nftables rules that accept a path: one rule, or one for each address family if the host has a DNS name.
 */
export const firewallRules = ({ from, to, host, address, transport, port }: Path): ReadonlyArray<string> => {
  const family = addressFamily(address);
  const end = `${transport} dport ${port} accept # ${from} to ${to}`;
  if (family === undefined) {
    const sets = addressSets(host);
    return [`ip saddr @${sets.v4} ${end}`, `ip6 saddr @${sets.v6} ${end}`];
  }
  return [`${family === 6 ? "ip6" : "ip"} saddr ${address.replace(/%.*$/, "")} ${end}`];
};
