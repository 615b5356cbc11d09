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

/** A definition that any other one replaces, even the defaults of an operator's module. */
const lastResort = (value: Expression): Expression => apply(reference("lib", "mkOverride"), integer(1200), value);

/**
 * The module in {@link leafFile}: a host that lets connections in over ssh only, until its own module opens more. Unless
 * another module says otherwise, the root file system is the one with the label of NixOS's manual, and no boot loader is
 * installed.
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
    // Newer releases do not read these files. A host with its keys there would lock the operator out.
    binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
  ]),
);
