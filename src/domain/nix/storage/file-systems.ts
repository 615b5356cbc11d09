import { attributes, type Binding, binding, boolean, string, strings } from "../language/expression.ts";
import type { VolumeSource } from "./sources.ts";

/** A file system that a host mounts. */
export interface FileSystem {
  readonly mountPoint: string;
  readonly device: string;
  readonly fsType: string;
  readonly options: ReadonlyArray<string>;
  /** Made where the device is empty, and grown to the device's size. */
  readonly made: boolean;
}

/** A volume at its own path, or wherever a host without it wants it; nothing for a folder, which is just there. */
export const fileSystemOf = (source: VolumeSource, mountPoint: string, readOnly: boolean): FileSystem | undefined => {
  const access = readOnly ? ["ro"] : [];
  switch (source.kind) {
    case "folder":
      return undefined;
    case "disk":
      return {
        ...{ mountPoint, device: source.device, fsType: "ext4", made: !readOnly },
        // A host without the disk still comes up; what needs the volume does not.
        options: ["nofail", "x-systemd.device-timeout=30s", ...access],
      };
    case "nfs":
      return {
        ...{ mountPoint, device: source.device, fsType: "nfs4", made: false },
        // Hard, as is usual: programs wait for a server that is away. At the start it may be up later than its client.
        options: ["nofail", "_netdev", "nosuid", "nodev", "retry=10", "x-systemd.mount-timeout=11min", ...access],
      };
    case "bucket":
      return {
        ...{ mountPoint, device: source.remote, fsType: "rclone", made: false },
        options: [
          ...["nofail", "_netdev", "nosuid", "nodev", "allow_other", "umask=0", "args2env", "config=/dev/null"],
          ...["vfs_cache_mode=writes", "cache_dir=/var/cache/rclone", ...access],
        ],
      };
  }
};

/** A volume of the host at another path too, once its unit is up. */
export const boundFileSystem = (path: string, mountPoint: string, readOnly: boolean, unit: string): FileSystem => ({
  ...{ mountPoint, device: path, fsType: "none", made: false },
  options: ["bind", "nofail", `x-systemd.requires=${unit}`, ...(readOnly ? ["ro"] : [])],
});

/**
 * A field of fstab(5), where a backslash and an octal number mean a character. NixOS writes only blanks and tabs so, and
 * everything else as it is.
 */
const fstabField = (text: string): string =>
  text.replaceAll(
    /[\\#\u0001-\u0008\u000a-\u001f\u007f]/g,
    (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );

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
