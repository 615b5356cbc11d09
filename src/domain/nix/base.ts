import { attributes, binding, boolean, byDefault, type Expression, lambda } from "./expression.ts";

/** The file of the flake with the module that every host imports. */
export const leafFile = "modules/leaf.nix";

/** What {@link leafFile} says: a host that lets nobody in but over ssh, until its own module says more. */
export const leafModule: Expression = lambda(
  ["lib"],
  attributes([
    binding("networking.nftables.enable", boolean(true)),
    binding("networking.firewall.enable", boolean(true)),
    binding("services.openssh.enable", boolean(true)),
    // Newer releases stop reading these files; a host whose keys are there would lock us out.
    binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
  ]),
);
