{
  description = "A stand-in for deploy-rs: how a profile is activated, and the checks of a deployment";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs";

  outputs =
    { nixpkgs, ... }:
    {
      lib = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
        system: import ./lib.nix { pkgs = nixpkgs.legacyPackages.${system}; }
      );
    };
}
