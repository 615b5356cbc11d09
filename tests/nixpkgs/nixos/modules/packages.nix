# The packages of the host's own system.
{ lib, config, ... }:
let
  platform = config.nixpkgs.hostPlatform;
in
{
  _module.args.pkgs = lib.mkDefault (
    import ../../packages {
      system = platform.system or platform;
      inherit (config.nixpkgs) config overlays;
    }
  );
}
