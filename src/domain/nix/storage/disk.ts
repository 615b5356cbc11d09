import type { Node } from "../../graph/node.ts";
import { mountPoint } from "../../graph/node-types/storage.ts";
import type { Place } from "../node-kind.ts";
import { isHere, sourceOf } from "./sources.ts";

/** The real place of a folder of a host: its disk, and its path on that disk. */
export interface OnDisk {
  /** The disk; undefined if the folder is on the host's own file systems. */
  readonly disk?: string;
  readonly path: string;
}

interface Mounted {
  readonly at: string;
  readonly disk: string | undefined;
  readonly path: string;
}

/**
 * Returns the volumes that a node sees on a host: those that the host has itself, and those that the node's edges
 * mount.
 */
const mountsSeenBy = (node: Node, place: Place): ReadonlyArray<Mounted> => {
  const { topology, host } = place;
  const volumes = (topology.residents.get(host.id) ?? []).filter((one) => one.type === "storage");
  return volumes
    .filter((volume) => isHere(place, volume))
    .flatMap((volume) => {
      const source = sourceOf(place, volume);
      const own = mountPoint(volume.mountPath);
      const disk = source.kind === "disk" ? source.device : undefined;
      const bound = topology
        .from(node.id, "mounts-volume")
        .flatMap(({ to, mountPath }) => (to === volume.id && mountPath !== undefined ? [mountPoint(mountPath)] : []));
      return [own, ...bound].map((at) => ({ at, disk, path: disk === undefined ? own : "" }));
    });
};

const isBelow = (path: string, folder: string): boolean => `${path}/`.startsWith(folder === "/" ? "/" : `${folder}/`);

/** Returns the disk that a folder of a node is on: the mount that is nearest above the folder decides. */
export const onDisk = (folder: string, node: Node, place: Place): OnDisk => {
  const [nearest] = mountsSeenBy(node, place)
    .filter(({ at }) => isBelow(folder, at))
    .sort((left, right) => right.at.length - left.at.length);
  if (nearest === undefined) return { path: folder };
  const path = `${nearest.path}${nearest.at === "/" ? folder : folder.slice(nearest.at.length)}`;
  return nearest.disk === undefined ? { path } : { disk: nearest.disk, path };
};
