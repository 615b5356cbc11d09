import type { RunningHost } from "./removals.ts";

/** A user of a host, with the fields of passwd(5). */
export interface AdoptableUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly description: string;
  readonly home: string;
  readonly shell: string;
}

/** An address or gateway, with its interface. */
export interface Placed {
  readonly address: string;
  readonly interface: string;
}

/**
 * The settings of a host that no graph describes, as far as a program can read them there. A base is made from them.
 */
export interface AdoptableHost
  extends Pick<RunningHost, "swaps" | "bootLoader" | "firmware" | "keys" | "passwords" | "sshPorts"> {
  /** Its processor, in the form of `uname -m`. */
  readonly machine: string;
  readonly hostName: string;
  readonly release?: string;
  /** The values of `system.stateVersion` in the host's own configuration. */
  readonly stateVersions: ReadonlyArray<string>;
  readonly timeZone?: string;
  readonly locale?: string;
  readonly keyMap?: string;
  /** The module that `nixos-generate-config --show-hardware-config` prints, and its warnings. */
  readonly hardware: string;
  readonly hardwareSaid: ReadonlyArray<string>;
  /** The entries of its fstab. */
  readonly fileSystems: ReadonlyArray<{
    readonly device: string;
    readonly path: string;
    readonly type: string;
    readonly options: ReadonlyArray<string>;
  }>;
  readonly zram: boolean;
  readonly users: ReadonlyArray<AdoptableUser>;
  readonly groups: ReadonlyArray<{
    readonly name: string;
    readonly gid: number;
    readonly members: ReadonlyArray<string>;
  }>;
  /** The lines of sudo's configuration, one rule per line. */
  readonly sudo: ReadonlyArray<string>;
  readonly sudoRs: boolean;
  readonly addresses: ReadonlyArray<Placed>;
  readonly gateways: ReadonlyArray<Placed>;
  /** Interfaces with addresses from the network (DHCP). */
  readonly dynamic: ReadonlyArray<string>;
  /** Interfaces created by software, such as bridges and VLANs, with their kinds. */
  readonly madeInterfaces: ReadonlyArray<{ readonly name: string; readonly kind: string }>;
  readonly nameservers: ReadonlyArray<string>;
  readonly networkManager: boolean;
  readonly networkd: boolean;
  /** The mount point of the EFI system partition. */
  readonly esp?: string;
  /** The target platform and the disks of GRUB, from the record that NixOS keeps. */
  readonly grub?: { readonly efi: string; readonly devices: ReadonlyArray<string> };
  /** The disk with the file system of /boot. */
  readonly bootDisk?: string;
  readonly kernelParameters: ReadonlyArray<string>;
  /** The effective settings of sshd, by their names in lower case. */
  readonly sshd: ReadonlyMap<string, string>;
  /** Settings of nix, by their names. */
  readonly nix: ReadonlyMap<string, string>;
  /** Units of running services. */
  readonly services: ReadonlyArray<string>;
  /** Programs that bring secrets to the host. */
  readonly secrets: ReadonlyArray<string>;
}
