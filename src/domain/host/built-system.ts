import { Schema } from "effect";

const Text = Schema.NullOr(Schema.String);
const Names = Schema.Array(Schema.String);
const Modules = Schema.Union([Names, Schema.Record(Schema.String, Schema.Boolean)]);

/** Where a built system says of itself what it makes of a host, below its `etc`. The module of all hosts writes it. */
export const systemFile = "cim-leaf/system.json";

/** What a built system makes of a host besides its services, by the options of NixOS that it was evaluated to. */
export const BuiltSystem = Schema.Struct({
  fileSystems: Schema.Array(
    Schema.Struct({ mountPoint: Schema.String, device: Text, label: Text, fsType: Schema.String }),
  ),
  swapDevices: Schema.Array(Schema.Struct({ device: Schema.String })),
  grub: Schema.Struct({
    enable: Schema.Boolean,
    device: Schema.String,
    devices: Names,
    efiSupport: Schema.Boolean,
  }),
  systemdBoot: Schema.Boolean,
  /** Drivers that the first stage of a boot may load. */
  availableKernelModules: Modules,
  kernelModules: Modules,
  users: Schema.Record(
    Schema.String,
    Schema.Struct({
      group: Schema.String,
      extraGroups: Names,
      keys: Names,
      /** Whether each of the options for a password has one. */
      passwords: Schema.Array(Schema.Boolean),
    }),
  ),
  /** False if users that are not declared are removed. */
  mutableUsers: Schema.Boolean,
  /** By sudo and sudo-rs. */
  sudo: Schema.Array(
    Schema.Struct({
      enable: Schema.Boolean,
      wheelNeedsPassword: Schema.Boolean,
      extraRules: Schema.Array(
        Schema.Struct({
          users: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
          groups: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
          commands: Schema.Array(
            Schema.Union([Schema.String, Schema.Struct({ command: Schema.String, options: Names })]),
          ),
        }),
      ),
    }),
  ),
  sshPorts: Schema.Array(Schema.Int),
  /** Keys in home directories count. */
  authorizedKeysInHomedir: Schema.Boolean,
  /** Static addresses, with or without their prefix lengths, and gateways. */
  addresses: Names,
  gateways: Schema.Array(Schema.NullOr(Schema.Union([Schema.String, Schema.Struct({ address: Schema.String })]))),
  /** Addresses are what NetworkManager keeps on the host. */
  networkManager: Schema.Boolean,
});
export type BuiltSystem = typeof BuiltSystem.Type;

/** The file systems of a built system, by where they are mounted. */
export const mountsOf = ({ fileSystems }: BuiltSystem) =>
  new Map(
    fileSystems.map(({ mountPoint, device, label, fsType }) => [
      mountPoint,
      { device: device ?? (label === null ? "" : `/dev/disk/by-label/${label}`), type: fsType },
    ]),
  );

const namesIn = (modules: typeof Modules.Type): ReadonlyArray<string> =>
  Schema.is(Names)(modules) ? modules : Object.entries(modules).flatMap(([name, wanted]) => (wanted ? [name] : []));

/** A driver as the kernel writes its name. */
export const kernelName = (module: string): string => module.replaceAll("-", "_");

/** The drivers of the first stage of a boot, as the kernel writes their names. */
export const driversOf = ({ availableKernelModules, kernelModules }: BuiltSystem): ReadonlySet<string> =>
  new Set([...namesIn(availableKernelModules), ...namesIn(kernelModules)].map(kernelName));
