import { serverOfUrl } from "../../../graph/addresses.ts";
import type { GraphIndex } from "../../../graph/graph-index.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { byText } from "../../../graph/order.ts";
import { hostInUrl } from "../../host/addresses.ts";
import { permissionsOf } from "../clients.ts";

/** A server that a bus dials as a leaf node. */
export interface LeafRemote {
  readonly url: string;
  readonly credentialsFile?: string;
  /** The bus of the graph that is dialled, where it knows its clients: then the leaf node proves itself to it. */
  readonly hub?: string;
}

const hostAt = (topology: GraphIndex, name: string): HostNode | undefined => {
  const node = topology.nodes.get(name);
  return node?.type === "host" ? node : topology.hosts.find(({ address }) => address === name);
};

/** What a bus dials. A host that is named by its id is dialled by its address, which needs no look-up. */
export const remotesOf = (topology: GraphIndex, node: MessageBusNode): ReadonlyArray<LeafRemote> =>
  [...(node.leafRemotes ?? [])].sort(byText(({ url }) => url)).map((remote) => {
    const server = serverOfUrl(remote.url);
    const host = server === undefined ? undefined : hostAt(topology, server.host);
    if (server === undefined || host === undefined) return remote;
    const hub = (topology.residents.get(host.id) ?? []).find(
      (other) => other.type === "message-bus" && other.engine === "nats" && other.id !== node.id,
    );
    const [scheme] = remote.url.split("://");
    return {
      ...remote,
      url: `${scheme}://${hostInUrl(host.address)}:${server.port}`,
      ...(hub === undefined || permissionsOf(topology, hub.id).length === 0 ? {} : { hub: hub.id }),
    };
  });
