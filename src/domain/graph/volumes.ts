import type { StorageNode } from "./node.ts";
import type { Placements } from "./placement.ts";

/** Whether `device` says that the volume is on a machine outside of the graph. */
export const isOutside = ({ kind, device }: StorageNode): boolean => {
  if (device === undefined) return false;
  return kind === "network-fs"
    ? /^(?:\[[^\]]+\]|[^/:]+):\//.test(device)
    : kind === "object-store" && device[0] !== "/";
};

/** Whether a volume is on each host that it runs on, and not on one for all. */
export const isLocal = ({ kind }: StorageNode): boolean => kind === "local-disk" || kind === "block-storage";

/** The hosts that have a volume themselves: each that it runs on, or the first where one has it for all. */
export const serversOf = (placements: Placements, volume: StorageNode): ReadonlyArray<string> => {
  const hosts = placements.get(volume.id) ?? [];
  if (isLocal(volume)) return hosts;
  return isOutside(volume) ? [] : hosts.slice(0, 1);
};

/** The hosts that come by a volume from elsewhere: it, or a node that mounts it, runs there. */
export const clientHosts = (
  placements: Placements,
  volume: StorageNode,
  users: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const servers = new Set(serversOf(placements, volume));
  const hosts = new Set([volume.id, ...users].flatMap((id) => placements.get(id) ?? []));
  return [...hosts].filter((host) => !servers.has(host));
};
