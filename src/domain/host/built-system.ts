import { Schema } from "effect";

const Text = Schema.NullOr(Schema.String);
const Names = Schema.Array(Schema.String);
const Modules = Schema.Union([Names, Schema.Record(Schema.String, Schema.Boolean)]);

/** The file below `etc` in which a built system describes itself. The module of all hosts writes it. */
export const systemFile = "cim-leaf/system.json";

/** The settings of a built system besides its services, from its evaluated NixOS options. */
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
  /** Drivers that the first boot stage may load. */
  availableKernelModules: Modules,
  kernelModules: Modules,
  users: Schema.Record(
    Schema.String,
    Schema.Struct({
      group: Schema.String,
      extraGroups: Names,
      keys: Names,
      /** Whether each of the password options is set. */
      passwords: Schema.Array(Schema.Boolean),
    }),
  ),
  /** False if undeclared users are removed. */
  mutableUsers: Schema.Boolean,
  /** The rules of sudo and sudo-rs. */
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
  /** Whether keys in home directories count. */
  authorizedKeysInHomedir: Schema.Boolean,
  /** Static addresses, with or without prefix lengths, and gateways. */
  addresses: Names,
  gateways: Schema.Array(Schema.NullOr(Schema.Union([Schema.String, Schema.Struct({ address: Schema.String })]))),
  /** Whether NetworkManager keeps the addresses on the host. */
  networkManager: Schema.Boolean,
});
export type BuiltSystem = typeof BuiltSystem.Type;

/** Returns the file systems of a built system by mount point. */
export const mountsOf = ({ fileSystems }: BuiltSystem) =>
  new Map(
    fileSystems.map(({ mountPoint, device, label, fsType }) => [
      mountPoint,
      { device: device ?? (label === null ? "" : `/dev/disk/by-label/${label}`), type: fsType },
    ]),
  );

const namesIn = (modules: typeof Modules.Type): ReadonlyArray<string> =>
  Schema.is(Names)(modules) ? modules : Object.entries(modules).flatMap(([name, wanted]) => (wanted ? [name] : []));

/** Returns a driver's name in the kernel's spelling. */
export const kernelName = (module: string): string => module.replaceAll("-", "_");

/** Returns the drivers of the first boot stage, in the kernel's spelling. */
export const driversOf = ({ availableKernelModules, kernelModules }: BuiltSystem): ReadonlySet<string> =>
  new Set([...namesIn(availableKernelModules), ...namesIn(kernelModules)].map(kernelName));
