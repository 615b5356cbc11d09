# The packages of one system, as `import nixpkgs { … }` gives them.
{
  system,
  config ? { },
  overlays ? [ ],
}:
let
  lib = import ../lib;
  builders = import ./builders.nix { inherit lib system; };
  programs = import ./programs.nix { inherit lib builders config; };

  base =
    pkgs:
    programs
    // (import ./writers.nix {
      inherit lib pkgs;
      inherit (builders) runCommand;
    })
    // {
      inherit
        lib
        system
        config
        overlays
        ;
      inherit (builders) runCommand;
      formats = import ./formats.nix { inherit lib pkgs; };
      path = ../.;
      stdenv = {
        inherit system;
        hostPlatform = platform;
        buildPlatform = platform;
        inherit (builders) mkDerivation;
      };
      inherit (builders) mkDerivation;
      runCommandLocal = builders.runCommand;
      mkShell = attributes: builders.runCommand (attributes.name or "shell") { } "touch $out";
      buildPackages = pkgs;
      runtimeShell = "${pkgs.bash}/bin/bash";
      callPackage =
        file: overrides:
        let
          f = if lib.isFunction file then file else import file;
        in
        f (builtins.intersectAttrs (lib.functionArgs f) pkgs // overrides);
    };

  platform = {
    inherit system;
    isLinux = true;
    isDarwin = false;
    isx86_64 = system == "x86_64-linux";
    isAarch64 = system == "aarch64-linux";
    config = builtins.replaceStrings [ "-linux" ] [ "-unknown-linux-gnu" ] system;
  };
in
lib.fix (
  pkgs: builtins.foldl' (previous: overlay: previous // overlay pkgs previous) (base pkgs) overlays
)
