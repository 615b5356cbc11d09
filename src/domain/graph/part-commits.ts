import { type DescribedEvent, describer } from "./change-text.ts";
import type { RecordedGraphEvent } from "./contract.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import { placed } from "./placement.ts";
import type { NodeType } from "./types.ts";

/** The places of nodes while the events of a graph are read, by the rule of {@link placed}. No node is placed twice. */
export interface Places {
  readonly read: (event: RecordedGraphEvent) => void;
  /** Returns the hosts of a node, sorted. Empty if it is a host, is unplaced, or does not exist. */
  readonly of: (node: string) => ReadonlyArray<string>;
  /** Returns all nodes that are not hosts. */
  readonly nodes: () => ReadonlyArray<string>;
  /** Returns the number of hosts. */
  readonly hosts: () => number;
  readonly isHost: (node: string) => boolean;
}

/** Returns the places of an empty graph. */
export const noPlaces = (): Places => {
  const types = new Map<string, NodeType>();
  const hosts = new Set<string>();
  const edges = new Map<string, Edge>();
  const placings = new Map<string, Map<string, Edge>>();
  const isHost = (node: string): boolean => hosts.has(node);
  const connect = (edge: Edge): void => {
    if (edge.type !== "runs-on") return;
    const identity = edgeIdentity(edge);
    edges.set(identity, edge);
    placings.set(edge.from, (placings.get(edge.from) ?? new Map<string, Edge>()).set(identity, edge));
  };
  const disconnect = (identity: string): void => {
    const edge = edges.get(identity);
    if (edge === undefined) return;
    edges.delete(identity);
    placings.get(edge.from)?.delete(identity);
  };
  return {
    read: (event) => {
      switch (event.type) {
        case "node-added":
        case "node-updated": {
          const { id, type } = event.data.node;
          types.set(id, type);
          if (type === "host") hosts.add(id);
          return;
        }
        case "node-removed":
          types.delete(event.data.id);
          hosts.delete(event.data.id);
          return;
        case "edge-connected":
          return connect(event.data.edge);
        case "edge-disconnected":
          return disconnect(event.data.id);
      }
    },
    of: (node) => {
      const own = [...(placings.get(node)?.values() ?? [])];
      const type = types.get(node);
      if (type === undefined) return [];
      // Two hosts stand for any number, because only whether there are others matters.
      const around = own.length > 0 ? own.map(({ to }) => to).filter(isHost) : [...hosts].slice(0, 2);
      const known = new Map<string, NodeType>([[node, type], ...around.map((host) => [host, "host"] as const)]);
      return placed(known, own).get(node) ?? [];
    },
    nodes: () => [...types.keys()].filter((node) => !isHost(node)),
    hosts: () => hosts.size,
    isHost,
  };
};

/** A part of a graph: a host with everything on it, or one node. */
export type GraphPart = { readonly host: string } | { readonly node: string };

/** All events of one command, in order. */
export interface GraphCommit {
  readonly events: ReadonlyArray<RecordedGraphEvent>;
}

/** A change in words, with the id of its event. */
export interface PartChange {
  readonly event: string;
  readonly text: string;
}

/** A commit, and those of its changes that concern a part. */
export interface PartCommit<C> {
  readonly commit: C;
  readonly changes: ReadonlyArray<PartChange>;
}

const sameHosts = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((host, index) => host === right[index]);

/**
 * Returns whether a host may become the only one or stop being it. Nodes without a `runs-on` edge may then move without
 * an event of their own.
 */
const mayChangeOnlyHost = (events: ReadonlyArray<RecordedGraphEvent>, places: Places): boolean => {
  const gone = events.filter((event) => event.type === "node-removed" && places.isHost(event.data.id)).length;
  const comes = events.some((event) => event.type === "node-added" && event.data.node.type === "host");
  return (comes || gone > 0) && places.hosts() - gone <= 1;
};

/** Returns the move of a node without a `runs-on` edge when the only host is added or removed. */
const moveText = (node: string, hosts: ReadonlyArray<string>): string =>
  hosts.length === 0 ? `\`${node}\` has no place any more` : `\`${node}\` runs on \`${hosts[0]}\`, the only host`;

/** Returns the moves of nodes for which a commit has no event. */
const tacitMoves = (
  commit: GraphCommit,
  described: ReadonlyArray<DescribedEvent>,
  before: ReadonlyMap<string, ReadonlyArray<string>>,
  after: (node: string) => ReadonlyArray<string>,
): ReadonlyArray<PartChange & { readonly node: string; readonly hosts: ReadonlyArray<string> }> => {
  const event = commit.events.at(-1)?.eventId ?? "";
  const told = new Set(
    described.flatMap(({ event: { type }, nodes, edge }) =>
      type === "node-removed" || edge?.type === "runs-on" ? nodes : [],
    ),
  );
  return [...before].flatMap(([node, was]) => {
    const is = after(node);
    if (told.has(node) || sameHosts(was, is)) return [];
    return [{ node, hosts: [...was, ...is], event, text: moveText(node, is) }];
  });
};

/**
 * Returns the commits of a graph that concern a part, in order. `commits` must begin with the first. A node is
 * concerned by every change of itself, its edges and its place. A host is also concerned by the changes of every node
 * that is on it before or after the commit, or in the end.
 */
export const commitsOfPart = <C extends GraphCommit>(
  commits: ReadonlyArray<C>,
  part: GraphPart,
): ReadonlyArray<PartCommit<C>> => {
  const end = noPlaces();
  for (const { events } of commits) events.forEach(end.read);
  const describe = describer();
  const places = noPlaces();
  return commits.flatMap((commit) => {
    const described = commit.events.flatMap(describe);
    const touched = described.flatMap(({ nodes }) => nodes);
    const watched = mayChangeOnlyHost(commit.events, places) ? [...touched, ...places.nodes()] : touched;
    const before = new Map(watched.map((node) => [node, places.of(node)]));
    commit.events.forEach(places.read);
    const concerns = (node: string): boolean =>
      "node" in part
        ? node === part.node
        : node === part.host ||
          [before.get(node) ?? [], places.of(node), end.of(node)].some((on) => on.includes(part.host));
    const changes = described.flatMap(({ event: { eventId }, nodes, text }) =>
      nodes.some(concerns) ? [{ event: eventId, text }] : [],
    );
    const moves = tacitMoves(commit, described, before, places.of).flatMap(({ node, hosts, event, text }) =>
      ("node" in part ? node === part.node : hosts.includes(part.host)) ? [{ event, text }] : [],
    );
    const all = [...changes, ...moves];
    return all.length === 0 ? [] : [{ commit, changes: all }];
  });
};
