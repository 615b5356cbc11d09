# `nixpkgs.lib.nixosSystem`: the configuration of a host, from its modules.
{
  modules,
  specialArgs ? { },
  system ? null,
  pkgs ? null,
  ...
}:
let
  lib = import ../lib;
  given = {
    _file = "arguments of nixosSystem";
    config = lib.mkMerge [
      (lib.mkIf (system != null) { nixpkgs.hostPlatform = lib.mkDefault system; })
      (lib.mkIf (pkgs != null) { _module.args.pkgs = lib.mkForce pkgs; })
    ];
  };
  evaluated = lib.evalModules {
    modules = import ./modules ++ [ given ] ++ modules;
    specialArgs = {
      modulesPath = toString ./.;
    }
    // specialArgs;
  };
in
evaluated
// {
  inherit lib;
  inherit (evaluated._module.args) pkgs;
}
