import type { Edge, EdgeTypeDefinition } from "../../../../src/domain/graph/edge.ts";
import { edgeTypes } from "../../../../src/domain/graph/edge.ts";
import { Node, nodeTypes, type StorageNode } from "../../../../src/domain/graph/node.ts";
import type { NodeTypeDefinition } from "../../../../src/domain/graph/node-type.ts";
import { type DatabaseEngine, databaseEngines } from "../../../../src/domain/graph/node-types/database.ts";
import { type BusEngine, busEngines } from "../../../../src/domain/graph/node-types/message-bus-engines.ts";

/*
 * What must not compile. The type check reads this file too: each comment below is an error unless the line after it is
 * one.
 */

const { monitoring: _monitoring, ...withoutMonitoring } = nodeTypes;
// @ts-expect-error a type of node without a room
export const nodeRegistry: typeof nodeTypes = withoutMonitoring;

const { monitoring: _case, ...unionWithoutMonitoring } = Node.cases;
// @ts-expect-error a type of node that the union of nodes leaves out
export const nodeUnion: Readonly<Record<keyof typeof nodeTypes, unknown>> = unionWithoutMonitoring;

const { picture: _picture, ...withoutPicture } = nodeTypes.storage;
// @ts-expect-error a room without a picture
export const room: NodeTypeDefinition<StorageNode> = withoutPicture;

const { monitors: _monitors, ...withoutMonitors } = edgeTypes;
// @ts-expect-error a type of edge without a definition
export const edgeRegistry: typeof edgeTypes = withoutMonitors;

const { sqlite: _sqlite, ...withoutSqlite } = databaseEngines;
// @ts-expect-error an engine of databases without facts
export const databaseRegistry: Readonly<Record<DatabaseEngine, unknown>> = withoutSqlite;

const { kafka: _kafka, ...withoutKafka } = busEngines;
// @ts-expect-error an engine of message buses without facts
export const busRegistry: Readonly<Record<BusEngine, unknown>> = withoutKafka;

/** The parts of a definition that may be left out. */
type OptionalParts<Definition> = {
  [Part in keyof Definition]-?: Definition extends Readonly<Record<Part, unknown>> ? never : Part;
}[keyof Definition];

/** Compiles only if no part of a room, or of the definition of an edge, may be left out. */
export const everyPartIsAskedFor: [
  OptionalParts<NodeTypeDefinition<StorageNode>>,
  OptionalParts<EdgeTypeDefinition<Edge>>,
] extends [never, never]
  ? true
  : never = true;
