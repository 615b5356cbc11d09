# What NixOS derives inside a submodule from its other options, as modules of it, by the paths of the submodules.
{ lib, pkgs }:
let
  sections = {
    After = "after";
    Before = "before";
    BindsTo = "bindsTo";
    Conflicts = "conflicts";
    Documentation = "documentation";
    OnFailure = "onFailure";
    OnSuccess = "onSuccess";
    PartOf = "partOf";
    Requires = "requires";
    Requisite = "requisite";
    Upholds = "upholds";
    Wants = "wants";
  };

  triggers =
    kind: values:
    lib.optionalAttrs (values != [ ]) {
      ${kind} = "${pkgs.writeText kind (toString (map (value: "${value}") (lib.flatten values)))}";
    };

  # Options of every unit as keys of its first section. A key that is set directly too is a conflict.
  unit =
    { config, options, ... }:
    {
      _file = "extensions.nix";
      config.unitConfig =
        lib.mapAttrs (_: option: toString config.${option}) (
          lib.filterAttrs (_: option: config.${option} != [ ]) sections
        )
        // lib.optionalAttrs (config.description != "") { Description = config.description; }
        // lib.optionalAttrs options.startLimitIntervalSec.isDefined {
          StartLimitIntervalSec = toString config.startLimitIntervalSec;
        }
        // lib.optionalAttrs options.startLimitBurst.isDefined {
          StartLimitBurst = toString config.startLimitBurst;
        }
        // triggers "X-Restart-Triggers" config.restartTriggers
        // triggers "X-Reload-Triggers" config.reloadTriggers;
    };

  script = name: text: "${pkgs.writeShellScriptBin name "set -e\n\n${text}"}/bin/${name}";

  service =
    { name, config, ... }:
    let
      safe = lib.replaceStrings [ "@" "\\" ] [ "_" "-" ] name;
      runs = text: value: lib.mkIf (text != "") value;
      paths = folder: lib.concatMapStringsSep ":" (package: "${package}/${folder}") config.path;
    in
    {
      _file = "extensions.nix";
      config = {
        path = lib.mkIf config.enableDefaultPath (
          lib.mkAfter [
            pkgs.coreutils
            pkgs.findutils
            pkgs.gnugrep
            pkgs.gnused
            pkgs.systemd
          ]
        );
        environment.PATH = lib.mkIf (config.path != [ ]) "${paths "bin"}:${paths "sbin"}";
        serviceConfig = lib.mkMerge [
          (runs config.preStart { ExecStartPre = [ (script "${safe}-pre-start" config.preStart) ]; })
          (runs config.script { ExecStart = "${script "${safe}-start" config.script} ${config.scriptArgs}"; })
          (runs config.postStart { ExecStartPost = [ (script "${safe}-post-start" config.postStart) ]; })
          (runs config.reload { ExecReload = script "${safe}-reload" config.reload; })
          (runs config.preStop { ExecStop = script "${safe}-pre-stop" config.preStop; })
          (runs config.postStop { ExecStopPost = script "${safe}-post-stop" config.postStop; })
        ];
      };
    };

  mount =
    { config, ... }:
    {
      _file = "extensions.nix";
      config.mountConfig = {
        What = config.what;
        Where = config.where;
      }
      // lib.optionalAttrs (config.type != "") { Type = config.type; }
      // lib.optionalAttrs (config.options != "") { Options = config.options; };
    };

  automount =
    { config, ... }:
    {
      _file = "extensions.nix";
      config.automountConfig.Where = config.where;
    };

  named =
    { name, ... }:
    {
      config.name = lib.mkDefault name;
    };

  person =
    { name, config, ... }:
    {
      _file = "extensions.nix";
      config = lib.mkIf config.isNormalUser {
        group = lib.mkDefault "users";
        home = lib.mkDefault "/home/${name}";
        createHome = lib.mkDefault true;
        isSystemUser = lib.mkDefault false;
      };
    };

  file =
    { name, config, ... }:
    {
      _file = "extensions.nix";
      config = {
        target = lib.mkDefault name;
        source = lib.mkIf (config.text != null) (
          lib.mkDefault (pkgs.writeText (baseNameOf name) config.text)
        );
      };
    };

  mountPoint =
    { name, ... }:
    {
      _file = "extensions.nix";
      config.mountPoint = lib.mkDefault name;
    };
in
{
  "environment.etc.<name>" = [ file ];
  "fileSystems.<name>" = [ mountPoint ];
  "networking.nftables.tables.<name>" = [ named ];
  "users.groups.<name>" = [ named ];
  "users.users.<name>" = [
    named
    person
  ];
  "systemd.services.<name>" = [
    unit
    service
  ];
  "systemd.targets.<name>" = [ unit ];
  "systemd.timers.<name>" = [ unit ];
  "systemd.sockets.<name>" = [ unit ];
  "systemd.paths.<name>" = [ unit ];
  "systemd.slices.<name>" = [ unit ];
  "systemd.mounts.*" = [
    unit
    mount
  ];
  "systemd.automounts.*" = [
    unit
    automount
  ];
}
