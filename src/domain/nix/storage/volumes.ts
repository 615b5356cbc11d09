import type { StorageNode } from "../../graph/node.ts";
import { mountPoint } from "../../graph/node-types/storage.ts";
import { byText } from "../../graph/order.ts";
import type { Secret } from "../host/secrets.ts";
import { attributes, type Binding, binding, list, reference } from "../language/expression.ts";
import type { HostAspect, Place } from "../node-kind.ts";
import {
  boundFileSystem,
  type FileSystem,
  fileSystemOf,
  fileSystemOption,
  formatOptions,
  type NfsExport,
  nfsOptions,
} from "./file-systems.ts";
import { volumeUnit } from "./options.ts";
import {
  clientsOfVolume,
  credentialsContent,
  credentialsFile,
  isHere,
  isReadOnly,
  sourceOf,
  volumeGroup,
} from "./sources.ts";

/** The file systems, groups and exports that volumes need on a host. */
export interface Volumes {
  readonly fileSystems: ReadonlyArray<FileSystem>;
  /** Members of these groups may write in the volumes of this host. */
  readonly groups: ReadonlyArray<string>;
  readonly exports: ReadonlyArray<NfsExport>;
  readonly secrets: ReadonlyArray<Secret>;
}

/** The aspect of volumes: a host's own, and those of other hosts that its nodes mount. */
export const volumes: HostAspect<Volumes> = {
  specify: (place) => {
    const used = volumesAt(place);
    if (used.length === 0) return undefined;
    const here = used.filter((volume) => isHere(place, volume));
    return {
      fileSystems: distinct(used.flatMap((volume) => fileSystemsOf(place, volume))),
      groups: [...new Set(here.map(({ id }) => volumeGroup(id)))],
      exports: here.flatMap((volume) => exportsOf(place, volume)),
      secrets: used
        .filter((volume) => sourceOf(place, volume).kind === "bucket")
        .map(({ id }) => ({ path: credentialsFile(id), node: id, content: credentialsContent })),
    };
  },
  secrets: ({ secrets }) => secrets,
  options: ({ fileSystems, groups, exports }) => [
    ...fileSystems.map(fileSystemOption),
    ...formatOptions(fileSystems),
    ...(fileSystems.some(({ fsType }) => fsType === "rclone")
      ? [binding("environment.systemPackages", list([reference("pkgs", "rclone")]))]
      : []),
    ...groups.map((group): Binding => binding(["users", "groups", group], attributes([]))),
    ...nfsOptions(exports),
  ],
};

/** Returns the volumes that a host has, or that its nodes mount. */
const volumesAt = ({ topology, host }: Place): ReadonlyArray<StorageNode> => {
  const residents = topology.residents.get(host.id) ?? [];
  const ids = residents.flatMap(({ id }) => [id, ...topology.from(id, "mounts-volume").map(({ to }) => to)]);
  return [...new Set(ids)]
    .sort()
    .map((id) => topology.nodes.get(id))
    .filter((node) => node?.type === "storage");
};

interface Use {
  readonly path: string;
  readonly readOnly: boolean;
}

/**
 * Returns the paths at which the nodes of a host mount a volume. If none of the nodes writes at a path, it is
 * read-only.
 */
const usesOf = ({ topology, host }: Place, volume: StorageNode): ReadonlyArray<Use> => {
  const uses = new Map<string, boolean>();
  for (const edge of topology.to(volume.id, "mounts-volume")) {
    if (!topology.runsOn(edge.from, host.id)) continue;
    const path = mountPoint(edge.mountPath ?? volume.mountPath);
    uses.set(path, (uses.get(path) ?? true) && isReadOnly(volume, edge));
  }
  return [...uses].map(([path, readOnly]) => ({ path, readOnly }));
};

const fileSystemsOf = (place: Place, volume: StorageNode): ReadonlyArray<FileSystem> => {
  const source = sourceOf(place, volume);
  const own = mountPoint(volume.mountPath);
  const uses = usesOf(place, volume);
  const onlyRead = isReadOnly(volume, {});
  if (isHere(place, volume))
    return [
      fileSystemOf(volume.id, source, own, onlyRead),
      ...uses
        .filter(({ path }) => path !== own)
        .map(({ path, readOnly }) => boundFileSystem(own, path, readOnly, volumeUnit(volume.id))),
    ].filter((found) => found !== undefined);
  const resident = place.topology.runsOn(volume.id, place.host.id) ? [{ path: own, readOnly: onlyRead }] : [];
  return [...resident, ...uses]
    .map(({ path, readOnly }) => fileSystemOf(volume.id, source, path, readOnly))
    .filter((found) => found !== undefined);
};

/**
 * Returns one file system for each mount point, the first by the id of its volume. The operator mounts the root file
 * system.
 */
const distinct = (fileSystems: ReadonlyArray<FileSystem>): ReadonlyArray<FileSystem> =>
  [...new Map(fileSystems.toReversed().map((fileSystem) => [fileSystem.mountPoint, fileSystem])).values()]
    .filter((fileSystem) => fileSystem.mountPoint !== "/")
    .sort(byText((fileSystem) => fileSystem.mountPoint));

const exportsOf = (place: Place, volume: StorageNode): ReadonlyArray<NfsExport> => {
  if (volume.kind === "object-store") return [];
  const clients = clientsOfVolume(place.topology, volume);
  const hosts = [...new Map(clients.map(({ host }) => [host.id, host])).values()];
  return hosts.length === 0
    ? []
    : [
        {
          path: mountPoint(volume.mountPath),
          unit: volumeUnit(volume.id),
          clients: hosts
            .map((host) => ({
              host: { id: host.id, address: host.address },
              readOnly: clients.every((client) => client.host.id !== host.id || client.readOnly),
            }))
            .sort(byText(({ host }) => host.id)),
        },
      ];
};
