import { Schema } from "effect";
import { type BuiltSystem, driversOf, kernelName, mountsOf } from "./built-system.ts";

/** Returns an ssh key in a line: its type and the key itself, without options and comment. */
const keyIn = (line: string): string | undefined =>
  /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)[^\s]*\s+AAAA[^\s]+)/.exec(line)?.[1]?.replaceAll(/\s+/g, " ");

/** The settings of a running host that an activation could remove. */
export interface RunningHost {
  /** The file systems of its fstab, with their devices. */
  readonly mounts: ReadonlyArray<{ readonly path: string; readonly device: string }>;
  /** Devices and files in the form of `/proc/swaps`. */
  readonly swaps: ReadonlyArray<string>;
  /** The program that installs its boot loader, and that of the built system, if known. */
  readonly bootLoader?: string;
  readonly newBootLoader?: string;
  readonly firmware: "uefi" | "bios";
  /** The drivers of the root file system's disk. */
  readonly rootDrivers: ReadonlyArray<string>;
  /** Static addresses with their prefix lengths, and gateways. */
  readonly addresses: ReadonlyArray<string>;
  readonly gateways: ReadonlyArray<string>;
  readonly sshPorts: ReadonlyArray<number>;
  /** The users that log in, root and the deploying user, with their keys in the system and in their homes. */
  readonly keys: ReadonlyArray<{ readonly user: string; readonly home: boolean; readonly line: string }>;
  /** Users that can become root without a password. */
  readonly sudoers: ReadonlyArray<string>;
  /** Users with a password, and users that the system declares. */
  readonly passwords: ReadonlyArray<string>;
  readonly declared: ReadonlyArray<string>;
  /** The devices of the built system on this host. Missing ones do not exist there. */
  readonly devices: ReadonlyMap<string, string>;
}

/** Something that an activation would remove from a host. */
export const Removal = Schema.Struct({
  /** The name by which a request accepts it, after the name of its host: `mount:/data`. */
  name: Schema.NonEmptyString,
  text: Schema.String,
});
export type Removal = typeof Removal.Type;

/** Returns the name by which a request accepts a removal from a host. */
export const acceptedAs = (host: string, { name }: Removal): string => `${host}:${name}`;

/** The deploying user, and the former port and address by which the host is no longer reached. */
export interface Reached {
  readonly user: string;
  readonly port?: number;
  readonly address?: string;
}

const mounts = ({ mounts: now, devices }: RunningHost, built: BuiltSystem): ReadonlyArray<Removal> => {
  const then = mountsOf(built);
  return now.flatMap(({ path, device }): ReadonlyArray<Removal> => {
    const next = then.get(path);
    if (next === undefined) return [{ name: `mount:${path}`, text: `${path} (${device}) would not be mounted` }];
    const there = devices.get(next.device);
    // Not every device is a file: it may be a network share or a dataset. A missing one keeps its name from fstab.
    if (!next.device.startsWith("/dev/") || there === device || next.device === device) return [];
    const what = there === undefined ? `${next.device}, which is not there` : `${next.device} (${there})`;
    return [{ name: `mount:${path}`, text: `${path} is on ${device} and would be on ${what}` }];
  });
};

const swaps = ({ swaps: now, devices }: RunningHost, { swapDevices }: BuiltSystem): ReadonlyArray<Removal> => {
  const then = swapDevices.map(({ device }) => devices.get(device) ?? device);
  return now
    .filter((swap) => !then.includes(swap))
    .map((swap) => ({ name: `swap:${swap}`, text: `swap on ${swap} would be turned off` }));
};

const bootLoader = ({ bootLoader: now, newBootLoader: then }: RunningHost): ReadonlyArray<Removal> =>
  now === undefined || now === then
    ? []
    : [{ name: `boot-loader:${now}`, text: `the boot loader is ${now} and would be ${then ?? "none"}` }];

/** Returns an address without its prefix length. */
const bare = (address: string): string => address.replace(/\/\d+$/, "");

const network = (
  { addresses, gateways }: RunningHost,
  { addresses: next, gateways: given, networkManager }: BuiltSystem,
  { address: left }: Reached,
): ReadonlyArray<Removal> => {
  if (networkManager) return [];
  const then = new Set(next.map(bare));
  const ways = new Set(
    given.flatMap((gateway) => (gateway === null ? [] : [typeof gateway === "string" ? gateway : gateway.address])),
  );
  return [
    ...addresses
      .filter((address) => !then.has(bare(address)) && bare(address) !== left)
      .map((address) => ({ name: `address:${address}`, text: `the static address ${address} would go` })),
    ...gateways
      .filter((gateway) => !ways.has(gateway))
      .map((gateway) => ({ name: `route:${gateway}`, text: `the default route by ${gateway} would go` })),
  ];
};

/** Returns whether a user stays: the new system declares it, or neither the current nor the new system mentions it. */
const stays = (user: string, { declared }: RunningHost, { users, mutableUsers }: BuiltSystem): boolean =>
  user === "root" || user in users || (mutableUsers && !declared.includes(user));

const users = (running: RunningHost, built: BuiltSystem, { user }: Reached): ReadonlyArray<Removal> =>
  [...new Set([...running.passwords, user])].flatMap((name): ReadonlyArray<Removal> => {
    if (!stays(name, running, built))
      return [{ name: `user:${name}`, text: `user ${name} would be removed; no rollback brings its password back` }];
    const keepsPassword = built.mutableUsers || built.users[name]?.passwords.includes(true) === true;
    return keepsPassword || !running.passwords.includes(name)
      ? []
      : [{ name: `password:${name}`, text: `user ${name} would have no password` }];
  });

const keys = (running: RunningHost, built: BuiltSystem): ReadonlyArray<Removal> =>
  running.keys.flatMap(({ user, home, line }): ReadonlyArray<Removal> => {
    const key = keyIn(line);
    if (key === undefined || !stays(user, running, built)) return [];
    const next = (built.users[user]?.keys ?? []).flatMap((text) => text.split("\n")).map(keyIn);
    const inHome = running.keys.some((other) => other.user === user && other.home && keyIn(other.line) === key);
    if (next.includes(key) || (inHome && built.authorizedKeysInHomedir)) return [];
    const short = key.slice(-12);
    return [
      {
        name: `key:${user}:${short}`,
        text: `${home ? "the key in the home" : "the key"} of ${user} that ends in ${short} would not let in`,
      },
    ];
  });

type Sudo = BuiltSystem["sudo"][number];

const withoutPassword = ({ commands }: Sudo["extraRules"][number]): boolean =>
  commands.some((one) => typeof one !== "string" && one.command === "ALL" && one.options.includes("NOPASSWD"));

const lets = (sudo: Sudo, user: string, groups: ReadonlyArray<string>): boolean =>
  sudo.enable &&
  ((!sudo.wheelNeedsPassword && groups.includes("wheel")) ||
    sudo.extraRules.some(
      (rule) =>
        withoutPassword(rule) &&
        (rule.users.includes(user) ||
          rule.users.includes("ALL") ||
          rule.groups.some((one) => groups.includes(`${one}`))),
    ));

const maySudo = (user: string, { sudo, users: all }: BuiltSystem): boolean => {
  const own = all[user];
  const groups = own === undefined ? [] : [own.group, ...own.extraGroups];
  return sudo.some((one) => lets(one, user, groups));
};

const sudo = (running: RunningHost, built: BuiltSystem): ReadonlyArray<Removal> =>
  running.sudoers
    .filter((user) => user !== "root" && stays(user, running, built) && !maySudo(user, built))
    .map((user) => ({ name: `sudo:${user}`, text: `${user} could not become root without a password` }));

const ports = ({ sshPorts: now }: RunningHost, { sshPorts: then }: BuiltSystem, { port: left }: Reached) =>
  now
    .filter((port) => !then.includes(port) && port !== left)
    .map((port) => ({ name: `ssh-port:${port}`, text: `sshd would not listen on port ${port}` }));

/** Returns what an activation would remove from a host: settings beyond its graph that the new system does not have. */
export const removalsOf = (running: RunningHost, built: BuiltSystem, reached: Reached): ReadonlyArray<Removal> => {
  const all = [
    ...mounts(running, built),
    ...swaps(running, built),
    ...bootLoader(running),
    ...network(running, built, reached),
    ...users(running, built, reached),
    ...keys(running, built),
    ...sudo(running, built),
    ...ports(running, built, reached),
  ];
  // A key may be both in the system and in the home.
  return [...new Map(all.map((one) => [one.name, one])).values()];
};

const isFile = (device: string): boolean => device !== "" && device !== "nodev";

/**
 * Returns why a system could not boot on a host; undefined without an obstacle. A boot loader that the firmware does
 * not start, or a first stage without the disk's driver, would show only at the next boot, after the confirmation.
 */
export const bootObstacle = ({ firmware, rootDrivers }: RunningHost, built: BuiltSystem): string | undefined => {
  const { grub, systemdBoot } = built;
  if (systemdBoot && firmware === "bios") return "its firmware is a BIOS, and systemd-boot needs UEFI";
  if (grub.enable && !grub.efiSupport && firmware === "uefi" && [grub.device, ...grub.devices].some(isFile))
    return "it was started by UEFI, and its GRUB would be one for a BIOS (`boot.loader.grub.efiSupport`)";
  const drivers = driversOf(built);
  const missing = rootDrivers.filter((driver) => !drivers.has(kernelName(driver)));
  return missing.length === 0
    ? undefined
    : `its disk needs ${missing.join(", ")}, which \`boot.initrd.availableKernelModules\` does not have`;
};
