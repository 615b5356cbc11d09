import type { HostNode } from "../../graph/node.ts";
import { byText } from "../../graph/order.ts";
import { defined } from "../../kernel/mod.ts";
import { attributes, type Binding, binding, boolean, string, strings } from "../language/expression.ts";
import { commandLine } from "../unit/command-line.ts";
import { programPath } from "../unit/programs.ts";
import { taskOptions } from "../unit/task.ts";
import type { VolumeSource } from "./sources.ts";

/** A file system that a host mounts. */
export interface FileSystem {
  readonly mountPoint: string;
  readonly device: string;
  readonly fsType: string;
  readonly options: ReadonlyArray<string>;
  /**
   * The volume whose file system is made if the device is empty, and with which the file system grows. It is absent if
   * the file system is never made.
   */
  readonly madeFor?: string;
}

/** Returns the unit that makes the file system of a volume. */
const formatUnit = (volume: string): string => `cim-format-${volume}`;

/** Returns the file system of a volume at a path; undefined for a folder of the host, which needs no mount. */
export const fileSystemOf = (
  volume: string,
  source: VolumeSource,
  mountPoint: string,
  readOnly: boolean,
): FileSystem | undefined => {
  const access = readOnly ? ["ro"] : [];
  switch (source.kind) {
    case "folder":
      return undefined;
    case "disk":
      return {
        mountPoint,
        device: source.device,
        fsType: "ext4",
        ...defined({ madeFor: readOnly ? undefined : volume }),
        // Without the disk, the host still boots, but units that need the volume do not start.
        options: [
          "nofail",
          "x-systemd.device-timeout=30s",
          ...(readOnly ? [] : [`x-systemd.requires=${formatUnit(volume)}.service`]),
          ...access,
        ],
      };
    case "nfs":
      return {
        mountPoint,
        device: source.device,
        fsType: "nfs4",
        // The mount is hard, which is the default: programs wait for an absent server. After a reboot the server may
        // start later than its client.
        options: ["nofail", "_netdev", "nosuid", "nodev", "retry=10", "x-systemd.mount-timeout=11min", ...access],
      };
    case "bucket":
      return {
        mountPoint,
        device: source.remote,
        fsType: "rclone",
        options: [
          "nofail",
          "_netdev",
          "nosuid",
          "nodev",
          "allow_other",
          "umask=0",
          "args2env",
          "config=/dev/null",
          "vfs_cache_mode=writes",
          "cache_dir=/var/cache/rclone",
          ...access,
        ],
      };
  }
};

/** Returns a second path to a volume of the host. It is mounted once the unit of the volume is up. */
export const boundFileSystem = (path: string, mountPoint: string, readOnly: boolean, unit: string): FileSystem => ({
  mountPoint,
  device: path,
  fsType: "none",
  options: ["bind", "nofail", `x-systemd.requires=${unit}`, ...(readOnly ? ["ro"] : [])],
});

/**
 * Returns a field of fstab(5), in which a backslash and an octal number represent a character. NixOS escapes only
 * spaces and tabs, so all other characters are escaped here.
 */
const fstabField = (text: string): string =>
  text.replaceAll(
    /[\\#\u0001-\u0008\u000a-\u001f\u007f]/g,
    (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );

/** Returns a file system as an option of the host. */
export const fileSystemOption = ({ mountPoint, device, fsType, options, madeFor }: FileSystem): Binding =>
  binding(
    ["fileSystems", mountPoint],
    attributes([
      ...(fstabField(mountPoint) === mountPoint ? [] : [binding("mountPoint", string(fstabField(mountPoint)))]),
      binding("device", string(fstabField(device))),
      binding("fsType", string(fsType)),
      binding("options", strings(options)),
      ...(fsType === "rclone" ? [binding("noCheck", boolean(true))] : []),
      ...(madeFor === undefined ? [] : [binding("autoResize", boolean(true))]),
    ]),
  );

/**
 * Returns the units that make file systems on empty devices. NixOS' own `autoFormat` would overwrite a disk that has
 * only a partition table, because it regards that disk as empty.
 */
export const formatOptions = (fileSystems: ReadonlyArray<FileSystem>): ReadonlyArray<Binding> =>
  fileSystems.flatMap(({ device, madeFor }) =>
    madeFor === undefined
      ? []
      : [
          taskOptions({
            name: formatUnit(madeFor),
            description: `Makes the file system of ${madeFor} if its disk is empty`,
            // Mounts come before the targets that units are ordered after by default.
            settings: [
              binding("unitConfig.DefaultDependencies", boolean(false)),
              binding("before", strings(["shutdown.target"])),
              binding("conflicts", strings(["shutdown.target"])),
            ],
            command: commandLine(programPath("formatDisk"), [device]),
          }),
        ],
  );

/** A folder that other hosts mount. */
export interface NfsExport {
  readonly path: string;
  /** The unit that prepares the folder. */
  readonly unit: string;
  readonly clients: ReadonlyArray<{ readonly host: Pick<HostNode, "id" | "address">; readonly readOnly: boolean }>;
}

/** Returns a path in exports(5). Characters that are syntax there are written as octal numbers. */
const exportPath = (path: string): string =>
  path.replaceAll(
    /[^A-Za-z0-9_./\u0080-\u{10ffff}-]/gu,
    (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );

const exportLine = ({ path, clients }: NfsExport): string =>
  [
    exportPath(path),
    ...clients.map(
      ({ host, readOnly }) => `${host.address}(${readOnly ? "ro" : "rw"},sync,all_squash,no_subtree_check)`,
    ),
  ].join(" ");

/**
 * Returns the options of the NFS 4 server, which needs one port. It starts after the units that prepare its folders.
 */
export const nfsOptions = (exports: ReadonlyArray<NfsExport>): ReadonlyArray<Binding> => {
  if (exports.length === 0) return [];
  const units = exports.map(({ unit }) => unit);
  return [
    binding("services.nfs.server.enable", boolean(true)),
    binding(
      "services.nfs.server.exports",
      string(
        exports
          .toSorted(byText(({ path }) => path))
          .map((folder) => `${exportLine(folder)}\n`)
          .join(""),
      ),
    ),
    binding("services.nfs.settings.nfsd.vers3", boolean(false)),
    binding(
      "systemd.services.nfs-server",
      attributes([binding("after", strings(units)), binding("wants", strings(units))]),
    ),
  ];
};
