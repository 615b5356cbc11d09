# The units of systemd as text, and the links between them.
{
  lib,
  config,
  pkgs,
  ...
}:
let
  cfg = config.systemd;

  valueText = value: if lib.isBool value then lib.boolToString value else toString value;
  section =
    name: keys:
    "[${name}]\n"
    + lib.concatStrings (
      lib.mapAttrsToList (
        key: value: lib.concatMapStrings (item: "${key}=${valueText item}\n") (lib.toList value)
      ) keys
    );

  environment =
    unit: variables:
    lib.concatStrings (
      lib.mapAttrsToList (
        name: value:
        let
          line = "Environment=${builtins.toJSON "${name}=${value}"}\n";
        in
        if value == null then
          ""
        else if lib.stringLength line >= 1048576 then
          throw "The value of the environment variable ‘${name}’ in systemd service ‘${unit}’ is too long."
        else
          line
      ) variables
    );

  changes =
    service:
    lib.optionalString service.reloadIfChanged "X-ReloadIfChanged=true\n"
    + lib.optionalString (
      !service.reloadIfChanged && !service.restartIfChanged
    ) "X-RestartIfChanged=false\n"
    + lib.optionalString (!service.stopIfChanged) "X-StopIfChanged=false\n";

  install =
    unit: lib.optionalString (unit.wantedBy != [ ]) "\n[Install]\nWantedBy=${toString unit.wantedBy}\n";

  common = unit: {
    inherit (unit)
      enable
      wantedBy
      requiredBy
      upheldBy
      aliases
      ;
  };

  # `isPart`: NixOS' own modules bring the unit, which are not here, and the configuration only adds to it.
  rendered =
    suffix: sectionsOf:
    lib.mapAttrs' (
      name: unit:
      lib.nameValuePair "${name}.${suffix}" (
        common unit
        // {
          text = section "Unit" unit.unitConfig + sectionsOf "${name}.${suffix}" unit + install unit;
          isPart =
            suffix == "service"
            && !(lib.any (key: lib.hasPrefix "Exec" key && key != "ExecStartPre" && key != "ExecStartPost") (
              lib.attrNames unit.serviceConfig
            ));
        }
      )
    );

  simple =
    name: option: _: unit:
    "\n" + section name unit.${option};

  # systemd's name of a unit for a path (systemd.unit(5)): `/` is `-`, what else is unusual is escaped.
  unitOfPath =
    path:
    let
      words = lib.filter (word: word != "") (lib.splitString "/" path);
      character =
        text:
        if lib.match "[a-zA-Z0-9:_.]" text != null then
          text
        else
          throw "mounts: ‘${text}’ in a path is not offered here";
      escape = word: lib.replaceStrings [ "-" " " ] [ "\\x2d" "\\x20" ] word;
      checked =
        word:
        builtins.seq (map character (
          lib.stringToCharacters (lib.replaceStrings [ "-" " " ] [ "" "" ] word)
        )) (escape word);
    in
    if words == [ ] then "-" else lib.concatMapStringsSep "-" checked words;

  byPath = list: lib.listToAttrs (map (unit: lib.nameValuePair (unitOfPath unit.where) unit) list);

  scheduled = lib.filterAttrs (_: service: lib.toList service.startAt != [ ]) cfg.services;
in
{
  config.systemd.timers = lib.mapAttrs (_: service: {
    wantedBy = [ "timers.target" ];
    timerConfig.OnCalendar = service.startAt;
  }) scheduled;

  # By their names: text, links, and whether they are only a part of a unit.
  config.system.build.units =
    rendered "service" (
      name: unit:
      "\n[Service]\n"
      + environment name (cfg.globalEnvironment // unit.environment)
      + changes unit
      + lib.removePrefix "[Service]\n" (section "Service" unit.serviceConfig)
    ) cfg.services
    // rendered "target" (_: _: "") cfg.targets
    // rendered "timer" (simple "Timer" "timerConfig") cfg.timers
    // rendered "socket" (
      name: unit:
      simple "Socket" "socketConfig" name unit
      + lib.concatMapStrings (listen: "ListenStream=${listen}\n") unit.listenStreams
      + lib.concatMapStrings (listen: "ListenDatagram=${listen}\n") unit.listenDatagrams
    ) cfg.sockets
    // rendered "path" (simple "Path" "pathConfig") cfg.paths
    // rendered "slice" (simple "Slice" "sliceConfig") cfg.slices
    // rendered "mount" (simple "Mount" "mountConfig") (byPath cfg.mounts)
    // rendered "automount" (simple "Automount" "automountConfig") (byPath cfg.automounts)
    // lib.mapAttrs (
      _: unit:
      common unit
      // {
        inherit (unit) text;
        isPart = false;
      }
    ) cfg.units;
}
