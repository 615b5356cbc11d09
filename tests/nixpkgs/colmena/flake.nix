{
  description = "A stand-in for colmena: `lib.makeHive`, as colmena itself evaluates a hive";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs";

  outputs =
    { nixpkgs, ... }:
    {
      lib.makeHive = import ./hive.nix { inherit (nixpkgs) lib; };
    };
}
