import type { DatabaseNode } from "../../graph/node.ts";
import { attributes, type Binding, binding, interpolation, reference, strings } from "../language/expression.ts";
import type { DataPath, Place } from "../node-kind.ts";
import { commandLine, type Word } from "../unit/command-line.ts";
import { beforeUnits, taskOptions } from "../unit/task.ts";

/** A folder for a database's data that replaces the usual folder of NixOS for its engine. */
export interface DataFolder {
  readonly path: string;
  /** The mount point of the volume with the folder. A folder without a volume is emptied at every boot. */
  readonly volume?: string;
}

/** NixOS pastes the paths of data into scripts without quotes. */
const isPlain = (path: string): boolean => /^[A-Za-z0-9/._-]*$/.test(path);

/** Returns the mount point, without a slash at its end, of the first volume that a database may write to. */
export const volumeOf = ({ id }: DatabaseNode, { topology }: Place): string | undefined =>
  topology
    .from(id, "mounts-volume")
    .flatMap(({ to, mountPath, readOnly }) => {
      const volume = topology.nodes.get(to);
      if (volume?.type !== "storage" || (readOnly ?? volume.accessMode === "read-only-many")) return [];
      return [(mountPath ?? volume.mountPath).replace(/\/+$/, "")];
    })
    .find(isPlain);

/**
 * Returns the folder for a database's data: a folder on its volume if it has one, unless the `usual` folder already
 * lies on that volume. Volatile data have a folder of their own, so that an operator who changes `persistent` loses no
 * data.
 */
export const dataFolderOf = (node: DatabaseNode, place: Place, usual: string): DataFolder | undefined => {
  const volume = volumeOf(node, place);
  if (volume !== undefined)
    return usual.startsWith(`${volume}/`) ? undefined : { path: `${volume}/${node.id}`, volume };
  return (node.persistent ?? true) ? undefined : { path: `/var/lib/cim-volatile/${node.id}` };
};

/** Returns the path at which a database keeps its data: its own folder if it has one, otherwise the `usual` one. */
export const dataPathIn = (folder: DataFolder | undefined, usual: string, inner = ""): DataPath => ({
  path: `${folder?.path ?? usual}${inner}`,
  emptied: isVolatile(folder),
});

/** Whether the data need not survive the host's next boot. */
export const isVolatile = (folder: DataFolder | undefined): boolean =>
  folder !== undefined && folder.volume === undefined;

const unitName = (node: string): string => `cim-data-${node}`;

export const dataFolderUnit = (node: string): string => `${unitName(node)}.service`;

export interface DataFolderOwner {
  readonly node: string;
  /** The name of the user, and of its group. */
  readonly user: string;
  /** The units that use the folder. */
  readonly units: ReadonlyArray<string>;
}

/** Returns the unit that makes the folder and the folders inside it, because a new file system has none of them. */
export const dataFolderOptions = (
  { node, user, units }: DataFolderOwner,
  { path, volume }: DataFolder,
  inner: ReadonlyArray<Word> = [],
): ReadonlyArray<Binding> => [
  taskOptions({
    name: unitName(node),
    description: `Makes the folder for the data of ${node}`,
    settings: [
      ...beforeUnits(units),
      ...(volume === undefined ? [] : [binding("unitConfig.RequiresMountsFor", strings([path]))]),
    ],
    remains: true,
    command: commandLine(interpolation(reference("pkgs", "coreutils"), "/bin/install"), [
      "--directory",
      "--mode=0700",
      `--owner=${user}`,
      `--group=${user}`,
      path,
      ...inner,
    ]),
  }),
  ...(volume === undefined ? [emptiedAtBoot(node, `${path}/*`)] : []),
];

/** Returns the rule that removes files when the host boots, and at no other time (tmpfiles.d(5)). */
export const emptiedAtBoot = (node: string, files: string): Binding =>
  binding(["systemd", "tmpfiles", "settings", unitName(node), files, "R!"], attributes([]));
