import type { GraphDocument } from "../../graph/document.ts";
import { indexOf } from "../../graph/graph-index.ts";
import { isPlaced, unitsOf } from "../node-kinds.ts";

/**
 * The units that are a node's own programs on a host: what starting, stopping or restarting the node acts on. A kind of
 * node names its program first and what serves it (certificates, passwords, backups) after it; a monitoring node is all
 * of its programs. None where the node does not run there.
 */
export const programUnitsIn = (document: GraphDocument): ((node: string, host: string) => ReadonlyArray<string>) => {
  const topology = indexOf(document);
  const hosts = new Map(topology.hosts.map((host) => [host.id, host]));
  return (id, hostId) => {
    const node = topology.nodes.get(id);
    const host = hosts.get(hostId);
    if (node === undefined || host === undefined || !isPlaced(node) || !topology.runsOn(id, hostId)) return [];
    const units = unitsOf(node, { topology, host });
    return node.type === "monitoring" ? units : units.slice(0, 1);
  };
};
