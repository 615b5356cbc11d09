import { describe, expect, test } from "@jest/globals";
import type { BuiltSystem } from "../../../../src/domain/host/built-system.ts";
import { bootObstacle, type RunningHost, removalsOf } from "../../../../src/domain/host/removals.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijkl ada@desk";
const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIzyxwvutsrqpo ben@desk";

/** A host that the built system takes nothing from. */
const running: RunningHost = {
  mounts: [{ path: "/", device: "/dev/vda1" }],
  swaps: [],
  bootLoader: "grub",
  newBootLoader: "grub",
  firmware: "bios",
  rootDrivers: ["virtio_blk"],
  addresses: ["10.0.0.5/24"],
  gateways: ["10.0.0.1"],
  sshPorts: [22],
  keys: [{ user: "root", home: true, line: key }],
  sudoers: [],
  passwords: [],
  declared: [],
  devices: new Map([["/dev/disk/by-label/nixos", "/dev/vda1"]]),
};
const built: BuiltSystem = {
  fileSystems: [{ mountPoint: "/", device: "/dev/disk/by-label/nixos", label: null, fsType: "ext4" }],
  swapDevices: [],
  grub: { enable: true, device: "/dev/vda", devices: [], efiSupport: false },
  systemdBoot: false,
  availableKernelModules: ["virtio-blk"],
  kernelModules: [],
  users: {},
  mutableUsers: true,
  sudo: [{ enable: true, wheelNeedsPassword: true, extraRules: [] }],
  sshPorts: [22],
  authorizedKeysInHomedir: true,
  addresses: ["10.0.0.5"],
  gateways: [null, { address: "10.0.0.1" }],
  networkManager: false,
};
const ops = { group: "users", extraGroups: ["wheel"], keys: [key], passwords: [true] };
const removed = (now: Partial<RunningHost>, next: Partial<BuiltSystem> = {}, user = "root", port?: number) =>
  removalsOf({ ...running, ...now }, { ...built, ...next }, { user, ...defined({ port }) }).map(({ name }) => name);

describe("an activation", () => {
  test("takes nothing from a host that the system knows", () => {
    expect(removed({})).toEqual([]);
  });

  test("takes what the system does not have", () => {
    const data = { path: "/data", device: "/dev/vdb" };
    expect(removed({ mounts: [...running.mounts, data] })).toEqual(["mount:/data"]);
    expect(removed({ swaps: ["/dev/vdc"] })).toEqual(["swap:/dev/vdc"]);
    expect(removed({ addresses: ["10.0.0.5/24", "10.0.0.9/24"], gateways: ["10.0.0.2"] })).toEqual([
      "address:10.0.0.9/24",
      "route:10.0.0.2",
    ]);
    expect(removed({ bootLoader: "systemd-boot" })).toEqual(["boot-loader:systemd-boot"]);
    expect(removed({ sshPorts: [22, 2222] })).toEqual(["ssh-port:2222"]);
  });

  test("may take the port that the deployment leaves behind", () => {
    expect(removed({ sshPorts: [2222] }, {}, "root", 2222)).toEqual([]);
  });

  test("puts the root on a disk that is another one, or not there", () => {
    expect(removed({ devices: new Map() })).toEqual(["mount:/"]);
    expect(removed({ devices: new Map([["/dev/disk/by-label/nixos", "/dev/vdb1"]]) })).toEqual(["mount:/"]);
    // Not there before either, by the same name.
    expect(removed({ mounts: [{ path: "/", device: "/dev/disk/by-label/nixos" }], devices: new Map() })).toEqual([]);
  });

  test("leaves addresses to NetworkManager", () => {
    expect(removed({}, { addresses: [], gateways: [], networkManager: true })).toEqual([]);
  });

  test("takes keys: those of the system go with it, those in homes if homes do not count", () => {
    const keys = [{ user: "root", home: false, line: `command="x" ${other}` }, ...running.keys];
    expect(removed({ keys })).toEqual(["key:root:zyxwvutsrqpo"]);
    expect(removed({ keys }, { authorizedKeysInHomedir: false, users: { root: { ...ops, keys: [other] } } })).toEqual([
      "key:root:abcdefghijkl",
    ]);
  });

  test("removes users that were declared and are not any more, and all others if users are not mutable", () => {
    expect(removed({ passwords: ["ben"] })).toEqual([]);
    expect(removed({ passwords: ["ben"], declared: ["ben"] })).toEqual(["user:ben"]);
    expect(removed({ passwords: ["ben"] }, { mutableUsers: false })).toEqual(["user:ben"]);
    expect(removed({ passwords: ["ben"] }, { mutableUsers: false, users: { ben: ops } })).toEqual([]);
    expect(removed({ passwords: ["ben"] }, { mutableUsers: false, users: { ben: { ...ops, passwords: [] } } })).toEqual(
      ["password:ben"],
    );
  });

  test("locks out the user who deploys: the user goes, or its right to become root", () => {
    expect(removed({ declared: ["ops"], sudoers: ["ops"] }, {}, "ops")).toEqual(["user:ops"]);
    expect(removed({ sudoers: ["ops"] }, { users: { ops } }, "ops")).toEqual(["sudo:ops"]);
    const free = { enable: true, wheelNeedsPassword: false, extraRules: [] };
    expect(removed({ sudoers: ["ops"] }, { users: { ops }, sudo: [free] }, "ops")).toEqual([]);
    const commands = [{ command: "ALL", options: ["SETENV", "NOPASSWD"] }];
    const rule = { ...free, wheelNeedsPassword: true, extraRules: [{ users: ["ops"], groups: [], commands }] };
    expect(removed({ sudoers: ["ops"] }, { users: { ops }, sudo: [rule] }, "ops")).toEqual([]);
  });
});

test.each<[string, Partial<RunningHost>, Partial<BuiltSystem>, unknown]>([
  ["a system that knows the host", {}, {}, undefined],
  ["a disk without a driver", { rootDrivers: ["nvme"] }, {}, expect.stringContaining("nvme")],
  ["drivers as a set", {}, { availableKernelModules: { virtio_blk: true } }, undefined],
  ["a driver that is turned off", {}, { availableKernelModules: { virtio_blk: false } }, expect.anything()],
  ["systemd-boot on a BIOS", {}, { systemdBoot: true }, expect.stringContaining("BIOS")],
  ["a GRUB for a BIOS on UEFI", { firmware: "uefi" }, {}, expect.stringContaining("efiSupport")],
  ["a GRUB for both", { firmware: "uefi" }, { grub: { ...built.grub, efiSupport: true } }, undefined],
  ["no boot loader", { firmware: "uefi" }, { grub: { ...built.grub, device: "nodev" } }, undefined],
])("the next boot: %s", (_, now, next, obstacle) => {
  expect(bootObstacle({ ...running, ...now }, { ...built, ...next })).toEqual(obstacle);
});
