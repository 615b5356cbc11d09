import {
  apply,
  attributes,
  binding,
  boolean,
  byDefault,
  type Expression,
  integer,
  lambda,
  reference,
  string,
} from "../language/expression.ts";

/** The file of the flake with the module that every host imports. */
export const leafFile = "modules/leaf.nix";

/** A definition that gives way to every other one, also to those that an operator's module makes by default. */
const lastResort = (value: Expression): Expression => apply(reference("lib", "mkOverride"), integer(1200), value);

/**
 * What {@link leafFile} says: a host that lets nobody in but over ssh, until its own module says more. Where nothing else
 * says it, the root file system is the one that NixOS's manual makes, by its label, and no boot loader is installed.
 */
export const leafModule: Expression = lambda(
  ["lib"],
  attributes([
    binding(
      ["fileSystems", "/"],
      attributes([
        binding("device", lastResort(string("/dev/disk/by-label/nixos"))),
        binding("fsType", lastResort(string("ext4"))),
      ]),
    ),
    binding("boot.loader.grub.device", lastResort(string("nodev"))),
    binding("networking.nftables.enable", boolean(true)),
    binding("networking.firewall.enable", boolean(true)),
    binding("services.openssh.enable", boolean(true)),
    // Newer releases stop reading these files; a host whose keys are there would lock us out.
    binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
  ]),
);
