import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import type { Edge, EdgeOf } from "./edge.ts";
import type { Placements } from "./placement.ts";
import type { Problem } from "./problem.ts";
import type { EdgeType, NodeType } from "./types.ts";
import { described, type Resources } from "./values.ts";

/** A listener on a TCP port of a host. */
export interface PortUse {
  readonly port: number;
  /** The node that it serves, or the host itself if it serves several nodes. */
  readonly node: string;
  /** The kind of listener, if it is not for the node's clients. */
  readonly what?: string;
  /** Whether it is one program of the host for all nodes that need it. A host runs most engines only once. */
  readonly shared?: boolean;
  /** A possible alternative; undefined if the port is fixed. */
  readonly choice?: string;
}

/** The choice of a node that has a field for its port. */
export const anotherPort = "another port";

/** The fields that nodes of all types have. */
export interface AnyNode {
  readonly id: string;
  readonly type: NodeType;
  readonly resources?: Resources;
}

/** A bus that dials a server as a leaf node, with the dialled TCP port. */
export interface LeafDial {
  readonly bus: string;
  readonly port: number;
}

/**
 * The graph around a node, as the modules of node types see it. The graph's index has the same, and also the exact
 * types of nodes. A node type's module cannot have those, because the union of all nodes consists of these modules.
 */
export interface Surroundings {
  /** The type of each node with an id; undefined if the type does not exist. */
  readonly types: ReadonlyMap<string, NodeType | undefined>;
  /** The valid edges, in the order of the document. */
  readonly edges: ReadonlyArray<Edge>;
  /** The ids of the hosts of each placed node. Hosts and unplaced nodes are not in it. */
  readonly placements: Placements;
  /** The nodes on each host, for every host of the graph. */
  readonly residents: ReadonlyMap<string, ReadonlyArray<AnyNode>>;
  /** Returns the edges of one type that begin at a node. */
  readonly from: <T extends EdgeType>(node: string, type: T) => ReadonlyArray<EdgeOf<T>>;
  /** Returns the edges of one type that end at a node. */
  readonly to: <T extends EdgeType>(node: string, type: T) => ReadonlyArray<EdgeOf<T>>;
  /** Returns the leaf dials into a host from other buses than the given one. */
  readonly leavesOf: (bus: string, host: string) => ReadonlyArray<LeafDial>;
}

/** A rule about the nodes of one type. Returns the problems. For an invalid document, it gets the readable parts. */
export type NodeRule<N> = (nodes: ReadonlyArray<N>, graph: Surroundings) => ReadonlyArray<Problem>;

/** The definition of one type of node. A missing part does not compile. */
export interface NodeTypeDefinition<N extends AnyNode> {
  /** The fields of a node, each with a description. */
  readonly schema: Schema.Codec<N, unknown>;
  /** What a node is, in one sentence. */
  readonly meaning: string;
  /** Returns the TCP port that its clients use; undefined if there is none. */
  readonly port: (node: N) => number | undefined;
  /** The kind of listener on that port, and a possible alternative. */
  readonly portUse: Pick<PortUse, "what" | "choice">;
  /** Returns its other listeners on one of its hosts, besides the port of its clients. */
  readonly innerPorts: (node: N, host: string, graph: Surroundings) => ReadonlyArray<PortUse>;
  /** Returns the programs that a host runs once for all nodes of the type. */
  readonly programs: (node: N) => ReadonlyArray<PortUse>;
  /** Returns the port of its own metrics; undefined if there is none. */
  readonly metricsPort: (node: N) => number | undefined;
  /** Returns its additional listeners if it is monitored. */
  readonly monitoredPorts: (node: N) => ReadonlyArray<PortUse>;
  /** Returns the program that a host can run only once; undefined if there is none. */
  readonly onceAHost: (node: N) => string | undefined;
  /** Returns whether it must be placed on a host. */
  readonly needsHost: (node: N) => boolean;
  /** Returns the remedy if it is publicly reachable without encryption; undefined if it is not. */
  readonly encryptionRemedy: (node: N) => string | undefined;
  /**
   * Its appearance in pictures: the text beside its id and type, its brackets in Mermaid, and its shape in Graphviz.
   */
  readonly picture: {
    readonly detail: (node: N) => string | undefined;
    readonly mermaid: readonly [open: string, close: string];
    readonly graphviz: string;
  };
  /** The rules for this type only. */
  readonly rules: ReadonlyArray<NodeRule<N>>;
}

/** The parts of a node type that has nothing to define there. */
export const nothing = (): undefined => undefined;
export const none = (): ReadonlyArray<never> => [];
export const always = (): true => true;

/** Returns the fields for the id and the type of a node. */
export const identity = <const T extends NodeType>(type: T) => ({
  id: described(Name, "The name of the node in its graph, of lower-case letters, digits and `-`."),
  type: described(Schema.Literal(type), "The type of the node."),
});

/** The description of the resources that a node requests. */
export const askedResources = "What the node may use of its host at most.";
