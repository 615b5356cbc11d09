import type { RunningHost } from "./removals.ts";

/** A user of a host, as passwd(5) has it. */
export interface AdoptableUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly description: string;
  readonly home: string;
  readonly shell: string;
}

/** An address or gateway, with the interface that it is on. */
export interface Placed {
  readonly address: string;
  readonly interface: string;
}

/** What a host has that no graph says, as far as a program can read it there. A base is made of it. */
export interface AdoptableHost
  extends Pick<RunningHost, "swaps" | "bootLoader" | "firmware" | "keys" | "passwords" | "sshPorts"> {
  /** Its processor, as `uname -m` writes it. */
  readonly machine: string;
  readonly hostName: string;
  readonly release?: string;
  /** The values of `system.stateVersion` in the host's own configuration. */
  readonly stateVersions: ReadonlyArray<string>;
  readonly timeZone?: string;
  readonly locale?: string;
  readonly keyMap?: string;
  /** The module that `nixos-generate-config --show-hardware-config` prints, and what it complains of. */
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
  /** The lines of sudo's configuration, one a rule. */
  readonly sudo: ReadonlyArray<string>;
  readonly sudoRs: boolean;
  readonly addresses: ReadonlyArray<Placed>;
  readonly gateways: ReadonlyArray<Placed>;
  /** Interfaces that get addresses from the network. */
  readonly dynamic: ReadonlyArray<string>;
  /** Interfaces that software makes, such as bridges and VLANs, with their kinds. */
  readonly madeInterfaces: ReadonlyArray<{ readonly name: string; readonly kind: string }>;
  readonly nameservers: ReadonlyArray<string>;
  readonly networkManager: boolean;
  readonly networkd: boolean;
  /** Where the EFI system partition is mounted. */
  readonly esp?: string;
  /** What GRUB was installed for, and to which disks, by the record that NixOS keeps. */
  readonly grub?: { readonly efi: string; readonly devices: ReadonlyArray<string> };
  /** The disk with the file system of /boot. */
  readonly bootDisk?: string;
  readonly kernelParameters: ReadonlyArray<string>;
  /** Settings of sshd as it runs, by their names in small letters. */
  readonly sshd: ReadonlyMap<string, string>;
  /** Settings of nix, by their names. */
  readonly nix: ReadonlyMap<string, string>;
  /** Units of services that run. */
  readonly services: ReadonlyArray<string>;
  /** What brings secrets to the host. */
  readonly secrets: ReadonlyArray<string>;
}
