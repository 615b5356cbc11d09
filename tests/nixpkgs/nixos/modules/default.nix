# What every host has.
[
  ./options.nix
  ./packages.nix
  ./assertions.nix
  ./units.nix
  ./etc.nix
  ./firewall.nix
  ./users.nix
  ./openssh.nix
  ./services.nix
  ./toplevel.nix
]
