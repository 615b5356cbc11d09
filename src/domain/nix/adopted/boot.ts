import type { AdoptableHost } from "../../host/adoptable.ts";
import { type Binding, binding, boolean, string, strings } from "../language/expression.ts";
import type { Part } from "./part.ts";

/** Parameters that NixOS gives every kernel, or that other options set. */
const ownParameter = /^(?:loglevel=|lsm=|root=|init=|net\.ifnames=|nohibernate$|systemConfig=)/;

const efiOptions = ({ esp }: AdoptableHost): ReadonlyArray<Binding> => [
  ...(esp === undefined || esp === "/boot" ? [] : [binding("boot.loader.efi.efiSysMountPoint", string(esp))]),
];

const variables =
  "whether the firmware's boot entries may be written: it is `boot.loader.efi.canTouchEfiVariables = true`; correct it if the host had `false`";

const grub = (host: AdoptableHost): Part => {
  const { efi = host.firmware === "uefi" ? "only" : "no", devices: recorded } = host.grub ?? {};
  const devices = recorded ?? [host.bootDisk].filter((disk) => disk !== undefined);
  const forEfi = efi === "only" || efi === "both";
  const disks = devices.filter((device) => device !== "nodev");
  const options = [
    binding("boot.loader.grub.enable", boolean(true)),
    ...(disks.length === 0 || efi === "only"
      ? [binding("boot.loader.grub.device", string("nodev"))]
      : [binding("boot.loader.grub.devices", strings(disks))]),
    ...(forEfi
      ? [
          binding("boot.loader.grub.efiSupport", boolean(true)),
          binding("boot.loader.efi.canTouchEfiVariables", boolean(true)),
          ...efiOptions(host),
        ]
      : []),
  ];
  const guessed =
    recorded === undefined
      ? [
          `what GRUB was installed to: /boot/grub/state is not there, so it is taken to be ${forEfi ? "UEFI" : disks.join(", ") || "nothing"}`,
        ]
      : [];
  return { options, missing: [...guessed, ...(forEfi ? [variables] : [])] };
};

const loader = (host: AdoptableHost): Part => {
  switch (host.bootLoader) {
    case "grub":
      return grub(host);
    case "systemd-boot":
      return {
        options: [
          binding("boot.loader.systemd-boot.enable", boolean(true)),
          binding("boot.loader.efi.canTouchEfiVariables", boolean(true)),
          ...efiOptions(host),
        ],
        missing: [variables],
      };
    case "extlinux":
      return {
        options: [
          binding("boot.loader.grub.enable", boolean(false)),
          binding("boot.loader.generic-extlinux-compatible.enable", boolean(true)),
        ],
        missing: [],
      };
    default: {
      const which =
        host.bootLoader === undefined ? "the boot loader: its kind is unknown" : `the boot loader ${host.bootLoader}`;
      return {
        options: [],
        missing: [
          `${which}: declare it in the base, with its flake in \`inputs\` if it needs one; without it NixOS expects GRUB`,
        ],
      };
    }
  }
};

/** Returns the options for the boot loader as it is set up on the host, and for the kernel's parameters. */
export const adoptedBoot = (host: AdoptableHost): Part => {
  const { options, missing } = loader(host);
  const parameters = host.kernelParameters.filter((parameter) => !ownParameter.test(parameter));
  return {
    options: [...options, ...(parameters.length === 0 ? [] : [binding("boot.kernelParams", strings(parameters))])],
    missing,
  };
};
