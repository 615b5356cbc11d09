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

/** How many systems a host keeps: as entries of its boot loader, and from the collection of garbage. */
const keptSystems = 20;

/** A definition that any other one replaces, even the defaults of an operator's module. */
const lastResort = (value: Expression): Expression => apply(reference("lib", "mkOverride"), integer(1200), value);

/**
 * The module in {@link leafFile}: a host that lets connections in over ssh only, until its own module opens more. Unless
 * another module says otherwise, the root file system is the one with the label of NixOS's manual, no boot loader is
 * installed, and the newest systems are kept.
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
    ...["grub", "systemd-boot"].map((loader) =>
      binding(["boot", "loader", loader, "configurationLimit"], byDefault(integer(keptSystems))),
    ),
    binding("nix.gc.automatic", byDefault(boolean(true))),
    binding("nix.gc.dates", byDefault(string("weekly"))),
    // Generations go by their number, not by their age: a deployment may be rolled back however long ago it was.
    binding(
      "systemd.services.nix-gc.preStart",
      string(
        `/run/current-system/sw/bin/nix-env --profile /nix/var/nix/profiles/system --delete-generations +${keptSystems}\n`,
      ),
    ),
    binding("networking.nftables.enable", boolean(true)),
    binding("networking.firewall.enable", boolean(true)),
    binding("services.openssh.enable", boolean(true)),
    // Newer releases do not read these files. A host with its keys there would lock the operator out.
    binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
  ]),
);
