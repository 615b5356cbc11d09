import type { StorageNode } from "../../graph/node.ts";
import { mountPoint } from "../../graph/node-types/storage.ts";
import { defined } from "../../kernel/mod.ts";
import { everywhere, loopback } from "../host/network.ts";
import type { Place, Site } from "../node-kind.ts";
import type { UnitRequirements } from "../unit/systemd.ts";
import { clientsOfVolume, isHere, objectStorePort, sourceOf, volumeGroup } from "./sources.ts";

/** A volume on a host that it runs on. The host's `volumes` mount file systems. */
export interface StorageSpecification {
  readonly type: "storage";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly path: string;
  /**
   * The accounts, besides root, that may write in a folder of this host. It is absent if the volume is elsewhere or
   * read-only.
   */
  readonly writers?: { readonly group: string; readonly user?: string };
  readonly objectServer?: ObjectServer;
}

/** A folder that a host serves through S3, with rclone, as the one bucket with its name. */
export interface ObjectServer {
  readonly id: string;
  readonly path: string;
  readonly group: string;
  readonly listen: string;
  readonly port: number;
}

/** The account of all clients of an exported folder, because users of other hosts have no meaning on this host. */
const squashedUser = "nobody";

/** Returns the volume on a host that it runs on. */
export const specifyStorage = (node: StorageNode, site: Site): StorageSpecification => {
  const path = mountPoint(node.mountPath);
  return {
    type: "storage",
    id: node.id,
    unit: { ...site.unit, mounts: [...site.unit.mounts, { path, readOnly: true }] },
    path,
    ...accessTo(node, path, site),
  };
};

const accessTo = (
  node: StorageNode,
  path: string,
  place: Place,
): Pick<StorageSpecification, "writers" | "objectServer"> => {
  const { topology, host } = place;
  // The root folder of a host is not a volume.
  if (!isHere(place, node) || path === "/") return {};
  const clients = clientsOfVolume(topology, node).map((client) => client.host);
  const group = volumeGroup(node.id);
  if (node.kind === "object-store") {
    const listen = clients.length === 0 ? loopback : everywhere([host, ...clients]);
    const port = objectStorePort(topology, node, host);
    return { writers: { group }, objectServer: { id: node.id, path, group, listen, port } };
  }
  if (sourceOf(place, node).kind === "disk" && node.accessMode === "read-only-many") return {};
  return { writers: defined({ group, user: clients.length === 0 ? undefined : squashedUser }) };
};
