{
  description = "A stand-in for nixpkgs, with which generated flakes are evaluated and built in tests; see README.md";

  outputs =
    { self }:
    let
      lib = import ./lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      lib = lib // {
        nixosSystem = import ./nixos;
      };
      legacyPackages = lib.genAttrs systems (system: import self { inherit system; });
    };
}
