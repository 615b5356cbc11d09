import type { HostSpecification } from "./specification.ts";

/** One thing that the firewall of a host lets in. */
export interface Admission {
  readonly host: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
  /** The node that is reached; the host itself for ssh. */
  readonly to: string;
  /** The node that may come in, with its host and that host's address; absent where everyone may. */
  readonly from?: { readonly node: string; readonly host: string; readonly address: string };
  /** Whether the graph asks for encryption. */
  readonly encrypted?: boolean;
}

/** Everything that the firewall of a host lets in, in the order of its ports. */
export const admissionsOf = ({ id, ssh, publicPorts, paths }: HostSpecification): ReadonlyArray<Admission> =>
  [
    { host: id, transport: "tcp" as const, port: ssh.port, to: id },
    ...publicPorts.map(({ node, port }) => ({ host: id, transport: "tcp" as const, port, to: node })),
    ...paths.map(({ from, to, host, address, transport, port, encrypted }) => ({
      ...{ host: id, transport, port, to },
      from: { node: from, host, address },
      ...(encrypted ? { encrypted } : {}),
    })),
  ].sort((left, right) => left.port - right.port);
