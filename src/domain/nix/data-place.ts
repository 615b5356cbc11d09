import type { Node } from "../graph/node.ts";
import { upstreamOf } from "./database/replication.ts";
import type { DataPath, Place } from "./node-kind.ts";
import { dataPathOf, isPlaced } from "./node-kinds.ts";
import { type OnDisk, onDisk } from "./storage/disk.ts";

/** The place where a node keeps its data on a host: the folder as the host sees it, and its place on the disk. */
export interface DataPlace extends DataPath {
  readonly on: OnDisk;
}

/** Returns the place of a node's data on a host; undefined if the node keeps none there. */
export const dataPlaceOf = (node: Node, place: Place): DataPlace | undefined => {
  const data = isPlaced(node) ? dataPathOf(node, place) : undefined;
  return data && { ...data, on: onDisk(data.path, node, place) };
};

/** Whether two places are the same, so that data kept in the first are found in the second. */
export const isSamePlace = ({ on: one }: DataPlace, { on: other }: DataPlace): boolean =>
  one.disk === other.disk && one.path === other.path;

/**
 * Returns the node whose server a database copies on a host; undefined if the database is a primary there, or `node` is
 * another kind of node.
 */
export const primaryOf = (node: Node, place: Place): string | undefined =>
  node.type === "database" ? upstreamOf(node, place)?.node : undefined;
