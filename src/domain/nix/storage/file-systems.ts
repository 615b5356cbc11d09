import type { HostNode } from "../../graph/node.ts";
import { byText } from "../../graph/order.ts";
import { attributes, type Binding, binding, boolean, string, strings } from "../language/expression.ts";
import type { VolumeSource } from "./sources.ts";

/** A file system that a host mounts. */
export interface FileSystem {
  readonly mountPoint: string;
  readonly device: string;
  readonly fsType: string;
  readonly options: ReadonlyArray<string>;
  /** Made if the device is empty, and grown to the device's size. */
  readonly made: boolean;
}

/** The file system of a volume at a path. Undefined for a folder of the host, which needs no mount. */
export const fileSystemOf = (source: VolumeSource, mountPoint: string, readOnly: boolean): FileSystem | undefined => {
  const access = readOnly ? ["ro"] : [];
  switch (source.kind) {
    case "folder":
      return undefined;
    case "disk":
      return {
        mountPoint,
        device: source.device,
        fsType: "ext4",
        made: !readOnly,
        // A host without the disk still boots. Units that need the volume do not start.
        options: ["nofail", "x-systemd.device-timeout=30s", ...access],
      };
    case "nfs":
      return {
        mountPoint,
        device: source.device,
        fsType: "nfs4",
        made: false,
        // Hard, the default: programs wait for a server that is away. After a reboot the server may be up later than its client.
        options: ["nofail", "_netdev", "nosuid", "nodev", "retry=10", "x-systemd.mount-timeout=11min", ...access],
      };
    case "bucket":
      return {
        mountPoint,
        device: source.remote,
        fsType: "rclone",
        made: false,
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

/** A second path to a volume of the host, once the unit of the volume is up. */
export const boundFileSystem = (path: string, mountPoint: string, readOnly: boolean, unit: string): FileSystem => ({
  mountPoint,
  device: path,
  fsType: "none",
  made: false,
  options: ["bind", "nofail", `x-systemd.requires=${unit}`, ...(readOnly ? ["ro"] : [])],
});

/**
 * A field of fstab(5), in which a backslash and an octal number stand for a character. NixOS escapes spaces and tabs only,
 * so all other characters are escaped here.
 */
const fstabField = (text: string): string =>
  text.replaceAll(
    /[\\#\u0001-\u0008\u000a-\u001f\u007f]/g,
    (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );

/** A file system as an option of the host. */
export const fileSystemOption = ({ mountPoint, device, fsType, options, made }: FileSystem): Binding =>
  binding(
    ["fileSystems", mountPoint],
    attributes([
      ...(fstabField(mountPoint) === mountPoint ? [] : [binding("mountPoint", string(fstabField(mountPoint)))]),
      binding("device", string(fstabField(device))),
      binding("fsType", string(fsType)),
      binding("options", strings(options)),
      ...(fsType === "rclone" ? [binding("noCheck", boolean(true))] : []),
      ...(made ? [binding("autoFormat", boolean(true)), binding("autoResize", boolean(true))] : []),
    ]),
  );

/** A folder that other hosts mount. */
export interface NfsExport {
  readonly path: string;
  /** The unit that prepares it. */
  readonly unit: string;
  readonly clients: ReadonlyArray<{ readonly host: Pick<HostNode, "id" | "address">; readonly readOnly: boolean }>;
}

/** A path in exports(5). Characters that are syntax there are written as octal numbers. */
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

/** The server of NFS 4, which needs one port. It starts after the units that prepare its folders. */
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
