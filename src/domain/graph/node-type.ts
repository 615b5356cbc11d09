import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import type { Edge, EdgeOf } from "./edge.ts";
import type { Placements } from "./placement.ts";
import type { Problem } from "./problem.ts";
import type { EdgeType, NodeType } from "./types.ts";
import { described, type Resources } from "./values.ts";

/** Something that listens on a TCP port of a host. */
export interface PortUse {
  readonly port: number;
  /** The node that it serves; the host itself if it serves several. */
  readonly node: string;
  /** What it is, if it is not what the node's clients use. */
  readonly what?: string;
  /** One program of the host, for all nodes that need it: a host runs most engines once. */
  readonly shared?: boolean;
  /** What could be chosen instead; undefined if the port is fixed. */
  readonly choice?: string;
}

/** The choice of a node whose port is a field of its own. */
export const anotherPort = "another port";

/** What any node says, whatever its type. */
export interface AnyNode {
  readonly id: string;
  readonly type: NodeType;
  readonly resources?: Resources;
}

/** A bus that dials a server as a leaf node, and the TCP port that it dials. */
export interface LeafDial {
  readonly bus: string;
  readonly port: number;
}

/**
 * The graph around a node, as the rooms of the node types see it. The index of a graph has it all, and knows the types
 * of nodes as well. A room cannot: the union of all nodes is made of the rooms.
 */
export interface Surroundings {
  /** The type of each node that has an id; undefined if there is no such type. */
  readonly types: ReadonlyMap<string, NodeType | undefined>;
  /** The edges that can be read, in the order of the document. */
  readonly edges: ReadonlyArray<Edge>;
  /** The ids of the hosts that each placed node runs on. Hosts and nodes without a place are not in it. */
  readonly placements: Placements;
  /** The nodes on each host, for every host of the graph. */
  readonly residents: ReadonlyMap<string, ReadonlyArray<AnyNode>>;
  /** The edges of one type that begin at a node. */
  readonly from: <T extends EdgeType>(node: string, type: T) => ReadonlyArray<EdgeOf<T>>;
  /** The edges of one type that end at a node. */
  readonly to: <T extends EdgeType>(node: string, type: T) => ReadonlyArray<EdgeOf<T>>;
  /** The buses that dial into a host as leaf nodes, without the bus that they dial. */
  readonly leavesOf: (bus: string, host: string) => ReadonlyArray<LeafDial>;
}

/** A rule about the nodes of one type: the problems that it finds. Of a broken document it gets what can be read. */
export type NodeRule<N> = (nodes: ReadonlyArray<N>, graph: Surroundings) => ReadonlyArray<Problem>;

/** Everything that there is to know of one type of node. No part may be left out: a forgotten one does not compile. */
export interface NodeTypeDefinition<N extends AnyNode> {
  /** The fields of a node, each with a description. */
  readonly schema: Schema.Codec<N, unknown>;
  /** What a node is, in one sentence. */
  readonly meaning: string;
  /** The TCP port that its clients use; undefined if it has none. */
  readonly port: (node: N) => number | undefined;
  /** What it is that listens there, and what could be chosen instead. */
  readonly portUse: Pick<PortUse, "what" | "choice">;
  /** What it listens on at one of its hosts beside the port of its clients. */
  readonly innerPorts: (node: N, host: string, graph: Surroundings) => ReadonlyArray<PortUse>;
  /** The programs that a host runs once for all nodes of the type that are there. */
  readonly programs: (node: N) => ReadonlyArray<PortUse>;
  /** The port on which its own figures are read; undefined if it has none. */
  readonly metricsPort: (node: N) => number | undefined;
  /** What it listens on because something monitors it. */
  readonly monitoredPorts: (node: N) => ReadonlyArray<PortUse>;
  /** The program of which a host runs one at most; undefined if there is none. */
  readonly onceAHost: (node: N) => string | undefined;
  /** Whether it must be placed on a host. */
  readonly needsHost: (node: N) => boolean;
  /** What to do if the outside reaches it without encryption; undefined if the outside does not. */
  readonly encryptionRemedy: (node: N) => string | undefined;
  /** How pictures show it: what they say beside its id and type, brackets of Mermaid, and a shape of Graphviz. */
  readonly picture: {
    readonly detail: (node: N) => string | undefined;
    readonly mermaid: readonly [open: string, close: string];
    readonly graphviz: string;
  };
  /** The rules that concern this type alone. */
  readonly rules: ReadonlyArray<NodeRule<N>>;
}

/** The parts of a type of node that has nothing to say on them. */
export const nothing = (): undefined => undefined;
export const none = (): ReadonlyArray<never> => [];
export const always = (): true => true;

/** The id and the type of a node, as fields. */
export const identity = <const T extends NodeType>(type: T) => ({
  id: described(Name, "The name of the node in its graph, of lower-case letters, digits and `-`."),
  type: described(Schema.Literal(type), "The type of the node."),
});

/** A field of the resources that a node asks for. */
export const askedResources = "What the node may use of its host at most.";
