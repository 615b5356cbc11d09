import type { GraphIndex } from "../../graph/graph-index.ts";
import type { DatabaseNode, HostNode } from "../../graph/node.ts";
import { portOf } from "../../graph/ports.ts";
import { loopback } from "../host/network.ts";
import type { Place } from "../node-kind.ts";

/*
 * Which server copies which. The first host of a database, by id, has its primary. The servers on its other hosts are
 * standbys of the primary. A `replicates` edge makes the first host of its source a standby of the first host of its
 * target.
 */

/** The server that a standby copies. */
export interface Upstream {
  readonly node: string;
  readonly address: string;
  readonly port: number;
}

/** A standby on another host. */
export interface Standby {
  readonly node: string;
  readonly host: string;
  readonly address: string;
}

/** Returns the FNV-1a hash with 32 bits of a name: a number that stays the same as long as the name does. */
export const numberOf = (name: string): number =>
  [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5) || 1;

/** Returns the databases among nodes that have the same engine as a node. */
const databasesAmong = (
  ids: ReadonlyArray<string>,
  { engine }: DatabaseNode,
  topology: GraphIndex,
): ReadonlyArray<DatabaseNode> =>
  ids.flatMap((id) => {
    const node = topology.nodes.get(id);
    return node?.type === "database" && node.engine === engine ? [node] : [];
  });

const sourceOf = (node: DatabaseNode, topology: GraphIndex): DatabaseNode | undefined => {
  const targets = topology.from(node.id, "replicates").map(({ to }) => to);
  return databasesAmong(targets, node, topology)[0];
};

/** Returns the nodes that have `replicates` edges to a node. */
const copiesOf = (node: DatabaseNode, topology: GraphIndex): ReadonlyArray<DatabaseNode> => {
  const sources = topology.to(node.id, "replicates").map(({ from }) => from);
  return databasesAmong(sources, node, topology);
};

/**
 * Returns the database at the end of the chain of `replicates` edges from a node; the node itself if it has no such
 * edge.
 */
export const rootOf = (node: DatabaseNode, topology: GraphIndex): DatabaseNode => {
  const source = sourceOf(node, topology);
  return source === undefined ? node : rootOf(source, topology);
};

/** Whether the host is the first host of the node. The node's servers on other hosts copy the server there. */
export const isFirst = ({ id }: DatabaseNode, { topology, host }: Place): boolean =>
  topology.hostsOf(id)[0]?.id === host.id;

/** Returns the server that the node copies on a host; undefined if the node is a primary there. */
export const upstreamOf = (node: DatabaseNode, place: Place): Upstream | undefined => {
  const { topology, host } = place;
  const source = isFirst(node, place) ? sourceOf(node, topology) : node;
  if (source === undefined) return undefined;
  const port = portOf(source);
  const [first] = topology.hostsOf(source.id);
  if (port === undefined || first === undefined) return undefined;
  return { node: source.id, address: first.id === host.id ? loopback : first.address, port };
};

/** Returns the standbys on other hosts that copy the node from a host. */
export const standbysOf = (node: DatabaseNode, place: Place): ReadonlyArray<Standby> => {
  const { topology, host } = place;
  if (!isFirst(node, place)) return [];
  const firstHosts = copiesOf(node, topology).flatMap(({ id }) =>
    topology
      .hostsOf(id)
      .slice(0, 1)
      .map((at) => ({ node: id, at })),
  );
  return [...topology.hostsOf(node.id).map((at) => ({ node: node.id, at })), ...firstHosts]
    .filter(({ at }) => at.id !== host.id)
    .map(({ node, at }) => ({ node, host: at.id, address: at.address }));
};

/** Whether another server, on any host, copies the node from a host. */
export const isCopied = (node: DatabaseNode, at: Place): boolean =>
  isFirst(node, at) && (at.topology.hostsOf(node.id).length > 1 || copiesOf(node, at.topology).length > 0);

/** One server of all those that hold the same data. */
export interface Member {
  readonly node: DatabaseNode;
  readonly host: HostNode;
}

/** Returns every server that holds a node's data. All others copy the first one, directly or not. */
export const membersOf = (node: DatabaseNode, topology: GraphIndex): ReadonlyArray<Member> => {
  const within = (member: DatabaseNode): ReadonlyArray<Member> => [
    ...topology.hostsOf(member.id).map((host) => ({ node: member, host })),
    ...copiesOf(member, topology).flatMap(within),
  ];
  return within(rootOf(node, topology));
};
