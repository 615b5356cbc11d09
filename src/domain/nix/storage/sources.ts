import type { MountsVolumeEdge } from "../../graph/edge.ts";
import type { GraphIndex } from "../../graph/graph-index.ts";
import { mountPoint } from "../../graph/mount-points.ts";
import type { HostNode, StorageNode } from "../../graph/node.ts";
import { isLocal, isOutside } from "../../graph/volumes.ts";
import { shortened } from "../hash.ts";
import { hostInUrl } from "../host/addresses.ts";
import type { Place } from "../node-kind.ts";
import { longestAccount } from "../unit/names.ts";
import { bucketOf, objectStorePort } from "./object-store.ts";

/** How a host comes by a volume. */
export type VolumeSource =
  /** A folder of its own, at the volume's path. */
  | { readonly kind: "folder" }
  /** A disk of its own. */
  | { readonly kind: "disk"; readonly device: string }
  /** A folder of another machine, by NFS. */
  | { readonly kind: "nfs"; readonly device: string }
  /** A bucket of an object store elsewhere, as rclone names it. */
  | { readonly kind: "bucket"; readonly remote: string };

/** The host that lets other hosts use a volume: the first that it runs on. Undefined for one outside of the graph. */
export const serverOf = (topology: GraphIndex, volume: StorageNode): HostNode | undefined =>
  isOutside(volume) ? undefined : topology.hostsOf(volume.id)[0];

/** Whether a host has a volume itself. Disks are on each host that they run on, what is shared is on one. */
export const isHere = ({ topology, host }: Place, volume: StorageNode): boolean =>
  isLocal(volume) ? topology.runsOn(volume.id, host.id) : serverOf(topology, volume)?.id === host.id;

/** How a host comes by a volume that it has, or that its nodes mount. */
export const sourceOf = (place: Place, volume: StorageNode): VolumeSource => {
  const { id, kind, mountPath } = volume;
  // NixOS takes no blank for a device.
  const device = volume.device?.trim() === "" ? undefined : volume.device;
  if (isHere(place, volume)) {
    if (device !== undefined) return { kind: "disk", device };
    return kind === "block-storage" ? { kind: "disk", device: `/dev/disk/by-partlabel/${id}` } : { kind: "folder" };
  }
  const server = serverOf(place.topology, volume);
  if (kind === "object-store")
    return {
      kind: "bucket",
      remote: bucketOf(
        volume,
        server === undefined ? undefined : { ...server, port: objectStorePort(place.topology, volume, server) },
      ),
    };
  return {
    kind: "nfs",
    device: server === undefined ? (device ?? `${id}:${mountPoint(mountPath)}`) : exportOf(server, mountPath),
  };
};

const exportOf = ({ address }: HostNode, path: string): string => `${hostInUrl(address)}:${mountPoint(path)}`;

export const isReadOnly = ({ accessMode }: StorageNode, edge: Pick<MountsVolumeEdge, "readOnly">): boolean =>
  accessMode === "read-only-many" || edge.readOnly === true;

/** A node that uses a volume from a host which does not have it itself. */
export interface VolumeClient {
  readonly node: string;
  readonly host: HostNode;
  readonly readOnly: boolean;
}

/** Who uses a volume from other hosts: nodes that mount it, and the volume itself where it runs but is not kept. */
export const clientsOfVolume = (topology: GraphIndex, volume: StorageNode): ReadonlyArray<VolumeClient> =>
  [{ from: volume.id, readOnly: false }, ...topology.to(volume.id, "mounts-volume")].flatMap((edge) =>
    topology
      .hostsOf(edge.from)
      .filter((host) => !isHere({ topology, host }, volume))
      .map((host) => ({ node: edge.from, host, readOnly: isReadOnly(volume, edge) })),
  );

/** The group whose members may write in a volume on their host. Linux takes at most 31 characters. */
export const volumeGroup = (id: string): string => shortened(`cim-vol-${id}`, longestAccount);
