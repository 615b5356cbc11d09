import type { HostNode, Node } from "../graph/node.ts";
import { portOf } from "../graph/ports.ts";
import type { Topology } from "./topology.ts";

/** One way into a host that its firewall lets through. */
export interface Path {
  /** The node it is opened for. */
  readonly from: string;
  readonly to: string;
  /** Of the host that `from` runs on. */
  readonly address: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
  readonly encrypted: boolean;
}

/** Where the sources of `connects-to` edges to a node run, other than on `host` itself, and what they reach there. */
export const pathsTo = (topology: Topology, node: Node, host: HostNode): ReadonlyArray<Path> =>
  topology.to(node.id, "connects-to").flatMap((edge) => {
    const port = edge.port ?? portOf(node);
    if (port === undefined) return [];
    return topology
      .hostsOf(edge.from)
      .filter(({ id }) => id !== host.id)
      .map(({ address }) => ({
        from: edge.from,
        to: node.id,
        address,
        transport: edge.protocol.toLowerCase() === "udp" ? ("udp" as const) : ("tcp" as const),
        port,
        encrypted: edge.encrypted ?? false,
      }));
  });

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** The version of an IP address, undefined for a DNS name. */
export const addressFamily = (address: string): 4 | 6 | undefined =>
  ipv4.test(address) ? 4 : /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address) ? 6 : undefined;

/** The nftables rule that accepts a path. */
export const firewallRule = ({ from, to, address, transport, port }: Path): string =>
  `${addressFamily(address) === 6 ? "ip6" : "ip"} saddr ${address} ${transport} dport ${port} accept # ${from} to ${to}`;

/** The port that a NATS leaf node dials where its URL has none. */
const defaultLeafPort = 7422;

/** Host and port of the URL of a NATS server; undefined where it is none, or carries a user or password. */
export const serverOfUrl = (url: string): { readonly host: string; readonly port: number } | undefined => {
  const groups =
    /^(?:nats|nats-leaf|tls|wss?):\/\/(?:\[(?<ip>[^\]@]+)\]|(?<name>[^\s:/@[\]]+))(?::(?<port>\d{1,5}))?\/?$/.exec(
      url,
    )?.groups;
  const host = groups?.ip ?? groups?.name;
  const port = Number(groups?.port ?? defaultLeafPort);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
};

/** An address as a URL has it. */
export const hostInUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);
