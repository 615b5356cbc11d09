import type { AdoptableHost } from "../../domain/host/adoptable.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { numberIn, pairsOf, readRunning, valuesOf, words } from "./readings.ts";

const listIn = (text: string): ReadonlyArray<string> => text.split(",").filter((one) => one !== "");

const placed = (line: string) => {
  const [address, name] = words(line);
  return { address, interface: name };
};

/** A line of passwd(5). */
const userIn = (line: string) => {
  const [name = "", , uid = "", gid = "", description = "", home = "", shell = ""] = line.split(":");
  return { name, uid: Number(uid), gid: Number(gid), description, home, shell };
};

/** A line of group(5). */
const groupIn = (line: string) => {
  const [name = "", , gid = "", members = ""] = line.split(":");
  return { name, gid: Number(gid), members: listIn(members) };
};

/** A line of fstab(5), its words separated by tabs. */
const fileSystemIn = (line: string) => {
  const [device = "", path = "", type = "", options = ""] = line.split("\t");
  return { device, path, type, options: listIn(options) };
};

/** The record that NixOS keeps of its GRUB, a line each: name, version, firmware, and the disks. */
const grubIn = (lines: ReadonlyArray<string>): AdoptableHost["grub"] => {
  const [, , efi, devices] = lines;
  return efi === undefined ? undefined : { efi, devices: listIn(devices ?? "") };
};

/** Reads the lines that `adopt` of `scripts/adopt.sh` prints. */
export const readAdoptable = (text: string): AdoptableHost => {
  const pairs = pairsOf(text);
  const all = (key: string) => valuesOf(pairs, key);
  const first = (key: string) => all(key)[0] || undefined;
  const mapOf = (key: string): ReadonlyMap<string, string> =>
    new Map(
      all(key).map((line) => {
        const [name, value] = words(line);
        return [name, value];
      }),
    );
  const { swaps, bootLoader, firmware, keys, passwords, sshPorts } = readRunning(text);
  const hardware = all("hardware");
  return {
    ...defined({
      bootLoader,
      release: first("release"),
      timeZone: first("time-zone"),
      locale: first("locale"),
      keyMap: first("keymap"),
      esp: first("esp"),
      grub: grubIn(all("grub-state")),
      bootDisk: first("boot-disk"),
    }),
    swaps,
    firmware,
    keys,
    passwords,
    sshPorts,
    machine: first("machine") ?? "",
    hostName: first("hostname") ?? "",
    stateVersions: all("state-version"),
    hardware: hardware.length === 0 ? "" : `${hardware.join("\n").trimEnd()}\n`,
    hardwareSaid: all("hardware-said").filter((line) => line.trim() !== ""),
    fileSystems: all("fstab").map(fileSystemIn),
    zram: numberIn(first("zram")) === 1,
    users: all("user").map(userIn),
    groups: all("group").map(groupIn),
    sudo: all("sudo"),
    sudoRs: numberIn(first("sudo-rs")) === 1,
    addresses: all("address").map(placed),
    gateways: all("gateway").map(placed),
    dynamic: all("dynamic"),
    madeInterfaces: all("made-interface").map((line) => {
      const [name, kind] = words(line);
      return { name, kind };
    }),
    nameservers: all("nameserver"),
    networkManager: all("network").includes("NetworkManager"),
    networkd: all("network").includes("systemd-networkd"),
    kernelParameters: all("kernel-param"),
    sshd: mapOf("sshd"),
    nix: mapOf("nix"),
    services: all("service"),
    secrets: all("secrets"),
  };
};
