import type { StorageNode } from "../../graph/node.ts";
import { mountPoint, nfsPort } from "../../graph/node-types/storage.ts";
import { pathsFrom, tcp } from "../host/network.ts";
import { kept, type NodeKind } from "../node-kind.ts";
import { storageOptions, volumeUnit } from "./options.ts";
import { clientsOfVolume, credentialsContent, credentialsFile, isHere, objectStorePort } from "./sources.ts";
import { type StorageSpecification, specifyStorage } from "./specification.ts";

/**
 * The node kind of volumes. The unit of a volume is up when the volume can be used: it is mounted, and its users may
 * write in it.
 */
export const storage: NodeKind<StorageNode, StorageSpecification> = {
  unit: ({ id }) => volumeUnit(id),
  units: ({ id }) => [volumeUnit(id)],
  data: (node, place) => (isHere(place, node) ? kept(mountPoint(node.mountPath)) : undefined),
  specify: specifyStorage,
  ownPaths: (node, { topology, host }) => {
    if (!isHere({ topology, host }, node)) return [];
    const port = node.kind === "object-store" ? objectStorePort(topology, node, host) : nfsPort;
    const clients = clientsOfVolume(topology, node);
    return [...new Set(clients.map((client) => client.node))].flatMap((from) =>
      pathsFrom(topology, host, tcp(from, node.id, port)).filter((path) =>
        clients.some((client) => client.node === from && client.host.id === path.host),
      ),
    );
  },
  secrets: ({ id, objectServer }) =>
    objectServer === undefined ? [] : [{ path: credentialsFile(id), node: id, content: credentialsContent }],
  options: (specification) => [storageOptions(specification)],
};
