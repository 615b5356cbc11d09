import type { Result } from "effect";
import type { Node } from "../graph/node.ts";
import { type DatabaseSpecification, database } from "./database.ts";
import type { Binding } from "./expression.ts";
import { type MessageBusSpecification, messageBus } from "./message-bus.ts";
import type { Path } from "./network.ts";
import type { NodeKind, Site } from "./node-kind.ts";
import { type ServiceSpecification, service } from "./service.ts";

/** What each type of node that can be deployed becomes. A type more is a file, a line here and one in {@link kinds}. */
interface Specifications {
  service: ServiceSpecification;
  database: DatabaseSpecification;
  "message-bus": MessageBusSpecification;
}

type RenderableType = keyof Specifications;
type NodeOf<T extends RenderableType = RenderableType> = { [K in T]: Extract<Node, { type: K }> }[T];
type SpecificationOf<T extends RenderableType = RenderableType> = { [K in T]: Specifications[K] }[T];

const kinds: { readonly [T in RenderableType]: NodeKind<NodeOf<T>, SpecificationOf<T>> } = {
  service,
  database,
  "message-bus": messageBus,
};

/** A node of a type that can be deployed, besides hosts. */
export type RenderableNode = NodeOf;

/** What a host must be for the sake of one node. */
export type NodeSpecification = SpecificationOf;

export const renderableTypes: ReadonlyArray<string> = Object.keys(kinds);

export const isRenderable = (node: Node): node is RenderableNode => Object.hasOwn(kinds, node.type);

const kindOf = <T extends RenderableType>({ type }: { readonly type: T }): NodeKind<NodeOf<T>, SpecificationOf<T>> =>
  kinds[type];

/** The unit that others are ordered after. */
export const unitOf = (node: RenderableNode): string => kindOf(node).unit(node);

/** The units that exist on a host because a node runs there. */
export const unitsOf = (node: RenderableNode): ReadonlyArray<string> => kindOf(node).units(node);

export const specifyNode = (
  node: RenderableNode,
  site: Site,
): Result.Result<NodeSpecification, ReadonlyArray<string>> => kindOf(node).specify(node, site);

export const ownPathsOf = (node: RenderableNode, site: Pick<Site, "host" | "topology">): ReadonlyArray<Path> =>
  kindOf(node).ownPaths?.(node, site) ?? [];

/** The options that a node sets on its host. */
export const optionsOf = (specification: NodeSpecification): ReadonlyArray<Binding> =>
  kindOf(specification).options(specification);
