import type { GraphIndex } from "../graph-index.ts";
import { isLocal } from "../node-types/storage.ts";
import { error, type Problem } from "../problem.ts";

/** Returns whether a device has the root file system, or is the disk of its partition. */
const holdsRoot = (device: string, root: string): boolean =>
  root === device || (root.startsWith(device) && /^(?:p?\d+|-part\d+)$/.test(root.slice(device.length)));

/**
 * `storage-conflict`: a disk with two uses on one host. These are two volumes, or a volume on the root file system's
 * disk. Both would write to it, or the second would not start. The first one in the document keeps the disk.
 */
export const deviceConflicts = ({ hosts, residents }: GraphIndex): ReadonlyArray<Problem> =>
  hosts.flatMap(({ id: host, rootDevice }) => {
    const holders = new Map<string, string>();
    return (residents.get(host) ?? []).flatMap((node): ReadonlyArray<Problem> => {
      if (node.type !== "storage" || !isLocal(node) || node.device === undefined) return [];
      const { id, device } = node;
      const holder = holders.get(device);
      if (holder === undefined) holders.set(device, id);
      const remedy = "give it a disk or a partition of its own";
      if (rootDevice !== undefined && holdsRoot(device, rootDevice))
        return [
          error(
            "storage-conflict",
            { nodes: [host, id].sort() },
            `storage \`${id}\`: ${device} has the root file system of host \`${host}\` (${rootDevice}): ${remedy}`,
          ),
        ];
      if (holder === undefined || holder === id) return [];
      return [
        error(
          "storage-conflict",
          { nodes: [holder, id].sort() },
          `storage \`${id}\`: ${device} of host \`${host}\` is taken by \`${holder}\`: ${remedy}`,
        ),
      ];
    });
  });
