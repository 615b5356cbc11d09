# https://github.com/serokell/deploy-rs
{ pkgs }:
let
  inherit (pkgs) lib;

  custom =
    {
      dryActivate ? null,
      boot ? null,
    }:
    base: activate:
    pkgs.buildEnv {
      name = "activatable-${base.name}";
      paths = [
        base
        (pkgs.writeTextFile {
          name = "${base.name}-activate-path";
          destination = "/deploy-rs-activate";
          executable = true;
          text = ''
            #!${pkgs.runtimeShell}
            set -euo pipefail
            if [ "''${DRY_ACTIVATE:-}" = 1 ]; then
              ${if dryActivate == null then "true" else dryActivate}
            elif [ "''${BOOT:-}" = 1 ]; then
              ${if boot == null then "true" else boot}
            else
              ${activate}
            fi
          '';
        })
        (pkgs.writeTextFile {
          name = "${base.name}-activate-rs";
          destination = "/activate-rs";
          executable = true;
          text = "#!${pkgs.runtimeShell}\nexec \"$(dirname \"$0\")/deploy-rs-activate\" \"$@\"\n";
        })
      ];
    };

  profilesOf =
    deploy:
    lib.concatLists (
      lib.mapAttrsToList (
        node:
        { profiles, ... }:
        lib.mapAttrsToList (profile: { path, ... }: { inherit node profile path; }) profiles
      ) deploy.nodes
    );
in
{
  activate = {
    custom = custom { };
    nixos =
      base:
      custom {
        dryActivate = "$PROFILE/bin/switch-to-configuration dry-activate";
        boot = "$PROFILE/bin/switch-to-configuration boot";
      } base.config.system.build.toplevel "$PROFILE/bin/switch-to-configuration switch";
    noop = base: custom { } base ":";
  };

  deployChecks = deploy: {
    deploy-activate = pkgs.runCommand "deploy-rs-check-activate" { } ''
      ${lib.concatMapStrings (
        {
          node,
          profile,
          path,
        }:
        ''
          test -x ${path}/deploy-rs-activate || { echo "${node}.${profile} has no activation script"; exit 1; }
        ''
      ) (profilesOf deploy)}
      touch $out
    '';
    deploy-schema = pkgs.runCommand "jsonschema-deploy-system" {
      checked = import ./schema.nix { inherit lib; } deploy;
    } "touch $out";
  };
}
