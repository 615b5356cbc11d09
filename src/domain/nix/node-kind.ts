import type { ManagesEdge } from "../graph/edge.ts";
import type { GraphIndex } from "../graph/graph-index.ts";
import type { HostNode, Node } from "../graph/node.ts";
import type { Path } from "./host/network.ts";
import type { Secret } from "./host/secrets.ts";
import type { Binding } from "./language/expression.ts";
import type { UnitRequirements } from "./unit/systemd.ts";

/** A host of a graph, on which a node is placed. */
export interface Place {
  readonly host: HostNode;
  readonly topology: GraphIndex;
}

/** The folder in which a node keeps data on a host. */
export interface DataPath {
  readonly path: string;
  /** Whether the folder is emptied each time the host boots. */
  readonly emptied: boolean;
}

/** Returns a folder that keeps its content when the host boots. */
export const kept = (path: string): DataPath => ({ path, emptied: false });

/** The rights that a `manages` edge gives. */
export interface Management {
  readonly node: string;
  readonly permissions: ManagesEdge["permissions"];
  /** The units of the managed node on the same host. */
  readonly units: ReadonlyArray<string>;
}

/** The host on which a node is placed, and what the edges of the node mean there. */
export interface Site extends Place {
  readonly unit: UnitRequirements;
  /** The nodes that the node manages. */
  readonly manages: ReadonlyArray<Management>;
  /** The paths for its clients on other hosts. */
  readonly clients: ReadonlyArray<Path>;
}

/**
 * The translation of nodes of one type, or of one engine, into the configuration of the hosts that they run on. `S` is
 * their specification: plain data that `options` renders. Every node of a valid graph can be specified. If a node
 * cannot be specified, that is a problem of the graph, which `findProblems` reports.
 */
export interface NodeKind<N extends Node, S> {
  /** Returns the unit that others are ordered after; undefined if nothing runs. */
  readonly unit: (node: N) => string | undefined;
  /** Returns the units that exist on a host because the node runs there. Its own program comes first. */
  readonly units: (node: N, place: Place) => ReadonlyArray<string>;
  /** Returns the specification of the node on one host. */
  readonly specify: (node: N, site: Site) => S;
  /** Returns the place of the node's data on the host. It is absent or returns undefined if the node keeps none. */
  readonly data?: (node: N, place: Place) => DataPath | undefined;
  /** Returns the paths into the host that the node needs besides those that edges to it open. */
  readonly ownPaths?: (node: N, place: Place) => ReadonlyArray<Path>;
  /** Returns the TCP ports that the node opens to everyone. */
  readonly publicPorts?: (node: N) => ReadonlyArray<number>;
  /** Returns the files that the operator puts on the host. */
  readonly secrets?: (specification: S) => ReadonlyArray<Secret>;
  /**
   * Returns the options of the host's NixOS configuration for this node alone. `lib`, `pkgs` and `config` are in scope.
   */
  readonly options: (specification: S) => ReadonlyArray<Binding>;
  /** Returns the options that all nodes of the kind on a host need together, set once. */
  readonly sharedOptions?: (specifications: ReadonlyArray<S>) => ReadonlyArray<Binding>;
}

/** The configuration that hosts get from edges of the graph, and not from a node that runs on them. */
export interface HostAspect<A> {
  /** Returns the specification of the aspect on one host; undefined if the graph needs nothing from the host. */
  readonly specify: (place: Place) => A | undefined;
  /** Returns the paths into the host. */
  readonly paths?: (place: Place) => ReadonlyArray<Path>;
  /** Returns the files that the operator puts on the host. */
  readonly secrets?: (aspect: A) => ReadonlyArray<Secret>;
  /** Returns the options of the host's NixOS configuration. */
  readonly options: (aspect: A) => ReadonlyArray<Binding>;
}

/**
 * Returns the kind of a node type whose engines are kinds of their own. `S` has the specification of each engine under
 * its name. If an engine is missing, the code does not compile.
 */
export const byEngine = <
  N extends Node & { readonly engine: string },
  S extends Readonly<Record<N["engine"], { readonly engine: N["engine"] }>>,
>(
  engines: { readonly [E in N["engine"]]: NodeKind<N, S[E]> },
): NodeKind<N, S[N["engine"]]> => {
  const kindOf = <E extends N["engine"]>({ engine }: { readonly engine: E }): NodeKind<N, S[E]> => engines[engine];
  return {
    unit: (node) => kindOf(node).unit(node),
    units: (node, place) => kindOf(node).units(node, place),
    specify: (node, site) => kindOf(node).specify(node, site),
    data: (node, place) => kindOf(node).data?.(node, place),
    ownPaths: (node, place) => kindOf(node).ownPaths?.(node, place) ?? [],
    secrets: (specification) => kindOf<N["engine"]>(specification).secrets?.(specification) ?? [],
    options: (specification) => kindOf<N["engine"]>(specification).options(specification),
    sharedOptions: (specifications) =>
      [...Map.groupBy(specifications, ({ engine }) => engine).values()].flatMap((alike) => {
        const [first] = alike;
        return first === undefined ? [] : (kindOf<N["engine"]>(first).sharedOptions?.(alike) ?? []);
      }),
  };
};
