import type { GraphDocument } from "../../graph/document.ts";
import { defined } from "../../kernel/mod.ts";
import { type HostSpecification, specify } from "../host/specification.ts";

/** What others need to know about a host: its address, its nodes, what its firewall admits, and its secrets. */
export interface HostSummary extends Pick<HostSpecification, "id" | "system" | "address" | "ssh" | "secrets"> {
  /** The ids of the nodes that run there. */
  readonly nodes: ReadonlyArray<string>;
  /** Everything that its firewall admits. */
  readonly admissions: ReadonlyArray<Admission>;
  /** The flakes that modules of its operator need. */
  readonly inputs: HostSpecification["base"]["inputs"];
}

/** The summary of a host. */
export const summaryOf = (host: HostSpecification): HostSummary => {
  const { id, system, address, ssh, secrets, nodes } = host;
  return {
    id,
    system,
    address,
    ssh,
    secrets,
    nodes: nodes.map((node) => node.id),
    inputs: host.base.inputs,
    admissions: admissionsOf(host),
  };
};

/** One kind of connection that the firewall of a host admits. */
export interface Admission {
  readonly host: string;
  readonly transport: "tcp" | "udp";
  readonly port: number;
  /** The node that is reached. For ssh it is the host itself. */
  readonly to: string;
  /** The node that may connect, with its host and that host's address. If it is absent, everyone may connect. */
  readonly from?: { readonly node: string; readonly host: string; readonly address: string };
  /** Whether the graph asks for encryption. */
  readonly encrypted?: boolean;
}

/** Returns everything that the firewall of a host admits, in the order of its ports. */
const admissionsOf = ({ id, ssh, publicPorts, paths }: HostSpecification): ReadonlyArray<Admission> =>
  [
    { host: id, transport: "tcp" as const, port: ssh.port, to: id },
    ...publicPorts.map(({ node, port }) => ({ host: id, transport: "tcp" as const, port, to: node })),
    ...paths.map(({ from, to, host, address, transport, port, encrypted }) =>
      defined({
        host: id,
        transport,
        port,
        to,
        from: { node: from, host, address },
        encrypted: encrypted ? true : undefined,
      }),
    ),
  ].sort((left, right) => left.port - right.port);

/**
 * Returns everything that the firewalls of a valid graph let in, host by host. It is what its flake opens, because both come
 * from one specification.
 */
export const admissionsIn = (document: GraphDocument): ReadonlyArray<Admission> =>
  [...specify(document)].flatMap(admissionsOf);
