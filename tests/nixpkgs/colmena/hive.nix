# https://colmena.cli.rs/unstable/reference: hosts by name, each a module, beside `meta` and `defaults`.
{ lib }:
hive:
let
  inherit (lib) mkOption types;
  reserved = [
    "meta"
    "defaults"
    "network"
  ];
  names = lib.filter (name: !lib.elem name reserved) (lib.attrNames hive);

  metaOptions = {
    options = {
      name = mkOption {
        type = types.str;
        default = "hive";
      };
      description = mkOption {
        type = types.str;
        default = "A Colmena Hive";
      };
      nixpkgs = mkOption { type = types.raw; };
      nodeNixpkgs = mkOption {
        type = types.attrsOf types.raw;
        default = { };
      };
      specialArgs = mkOption {
        type = types.attrsOf types.raw;
        default = { };
      };
      nodeSpecialArgs = mkOption {
        type = types.attrsOf types.raw;
        default = { };
      };
      machinesFile = mkOption {
        type = types.nullOr types.path;
        default = null;
      };
      allowApplyAll = mkOption {
        type = types.bool;
        default = true;
      };
    };
  };
  meta =
    (lib.evalModules {
      modules = [
        metaOptions
        (hive.meta or { })
      ];
    }).config;

  deploymentOptions =
    { name, ... }:
    {
      options.deployment = {
        targetHost = mkOption {
          type = types.nullOr types.str;
          default = name;
        };
        targetPort = mkOption {
          type = types.nullOr types.ints.unsigned;
          default = null;
        };
        targetUser = mkOption {
          type = types.nullOr types.str;
          default = "root";
        };
        sshOptions = mkOption {
          type = types.listOf types.str;
          default = [ ];
        };
        allowLocalDeployment = mkOption {
          type = types.bool;
          default = false;
        };
        buildOnTarget = mkOption {
          type = types.nullOr types.bool;
          default = null;
        };
        tags = mkOption {
          type = types.listOf types.str;
          default = [ ];
        };
        keys = mkOption {
          type = types.attrsOf types.attrs;
          default = { };
        };
        replaceUnknownProfiles = mkOption {
          type = types.bool;
          default = true;
        };
        privilegeEscalationCommand = mkOption {
          type = types.listOf types.str;
          default = [
            "sudo"
            "-H"
            "--"
          ];
        };
      };
    };

  packagesOf =
    name:
    let
      packages = meta.nodeNixpkgs.${name} or meta.nixpkgs;
    in
    if packages ? path then
      packages
    else
      throw "meta.nixpkgs must be an initialized Nixpkgs: import nixpkgs { system = …; }";

  evaluate =
    name:
    let
      packages = packagesOf name;
    in
    import (packages.path + "/nixos") {
      system = packages.system;
      specialArgs =
        meta.specialArgs
        // meta.nodeSpecialArgs.${name} or { }
        // {
          inherit name nodes;
        };
      modules = [
        { nixpkgs.overlays = lib.mkBefore packages.overlays; }
        { nixpkgs.config = lib.mkBefore packages.config; }
        deploymentOptions
        (hive.defaults or { })
        hive.${name}
      ];
    };

  nodes = lib.genAttrs names evaluate;
in
rec {
  __schema = "v0.5";
  inherit nodes;
  metaConfig = removeAttrs meta [
    "nixpkgs"
    "nodeNixpkgs"
  ];
  toplevel = lib.mapAttrs (_: node: node.config.system.build.toplevel) nodes;
  deploymentConfig = lib.mapAttrs (_: node: node.config.deployment) nodes;
  deploymentConfigSelected = selected: lib.genAttrs selected (name: deploymentConfig.${name});
  evalSelected = selected: lib.genAttrs selected (name: toplevel.${name});
  evalSelectedDrvPaths = selected: lib.mapAttrs (_: system: system.drvPath) (evalSelected selected);
  introspect =
    f:
    f {
      inherit lib nodes;
      pkgs = meta.nixpkgs;
    };
}
