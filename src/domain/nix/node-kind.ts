import type { ManagesEdge } from "../graph/edge.ts";
import type { GraphIndex } from "../graph/graph-index.ts";
import type { HostNode, Node } from "../graph/node.ts";
import type { Path } from "./host/network.ts";
import type { Secret } from "./host/secrets.ts";
import type { Binding } from "./language/expression.ts";
import type { UnitRequirements } from "./unit/systemd.ts";

/** A host of a graph, where a node is being placed. */
export interface Place {
  readonly host: HostNode;
  readonly topology: GraphIndex;
}

/** What a `manages` edge allows. */
export interface Management {
  readonly node: string;
  readonly permissions: ManagesEdge["permissions"];
  /** The units of the node on the same host. */
  readonly units: ReadonlyArray<string>;
}

/** Where a node is being placed, and what its edges mean there. */
export interface Site extends Place {
  readonly unit: UnitRequirements;
  /** What it manages. */
  readonly manages: ReadonlyArray<Management>;
  /** Its clients on other hosts. */
  readonly clients: ReadonlyArray<Path>;
}

/**
 * How nodes of one type, or of one engine, become part of the hosts they run on. Every node of a valid graph can be
 * specified: what cannot be is a problem of the graph, which `findProblems` tells.
 */
export interface NodeKind<N extends Node, S> {
  /** The unit that others are ordered after; undefined where nothing runs. */
  readonly unit: (node: N) => string | undefined;
  /** The units that exist on a host because the node runs there. */
  readonly units: (node: N, place: Place) => ReadonlyArray<string>;
  /** What the host must be for the node's sake. */
  readonly specify: (node: N, site: Site) => S;
  /** Ways into the host that the node needs besides those that edges to it open. */
  readonly ownPaths?: (node: N, place: Place) => ReadonlyArray<Path>;
  /** TCP ports that the node opens to everyone. */
  readonly publicPorts?: (node: N) => ReadonlyArray<number>;
  /** Files that the operator puts on the host. */
  readonly secrets?: (specification: S) => ReadonlyArray<Secret>;
  /** Options of the host's NixOS configuration, for this node alone. `lib`, `pkgs` and `config` are in scope. */
  readonly options: (specification: S) => ReadonlyArray<Binding>;
  /** Options that all nodes of the kind on a host need together, set once. */
  readonly sharedOptions?: (specifications: ReadonlyArray<S>) => ReadonlyArray<Binding>;
}
