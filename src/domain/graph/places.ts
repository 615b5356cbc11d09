import type { RecordedGraphEvent } from "./described.ts";
import { type Edge, edgeIdentity } from "./edge.ts";
import type { NodeType } from "./node.ts";
import { placed } from "./placement.ts";

/** Where nodes run while the events of a graph are read, by the rule of {@link placed}, without placing all of them anew. */
export interface Places {
  readonly read: (event: RecordedGraphEvent) => void;
  /** The hosts of a node, sorted; none where it is a host, has no place, or is not there. */
  readonly of: (node: string) => ReadonlyArray<string>;
  /** Every node that is no host. */
  readonly nodes: () => ReadonlyArray<string>;
  /** How many hosts there are. */
  readonly hosts: () => number;
  readonly isHost: (node: string) => boolean;
}

/** The places in a graph without nodes. */
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
      // Two hosts stand for any number: what matters of the others is whether there is one.
      const around = own.length > 0 ? own.map(({ to }) => to).filter(isHost) : [...hosts].slice(0, 2);
      const known = new Map<string, NodeType>([[node, type], ...around.map((host) => [host, "host"] as const)]);
      return placed(known, own).get(node) ?? [];
    },
    nodes: () => [...types.keys()].filter((node) => !isHost(node)),
    hosts: () => hosts.size,
    isHost,
  };
};
