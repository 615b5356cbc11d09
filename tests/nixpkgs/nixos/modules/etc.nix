# Files below /etc.
{ lib, config, ... }:
let
  addresses = {
    "127.0.0.1" = [ "localhost" ];
    "::1" = [ "localhost" ];
  };
  # The host's own name, which sudo and others look up.
  own = lib.optionalAttrs (config.networking.hostName != "") {
    "127.0.0.2" = [ config.networking.hostName ];
  };
  known = lib.zipAttrsWith (_: names: lib.concatLists names) [
    addresses
    own
    config.networking.hosts
  ];

  rule =
    path: kind:
    {
      mode,
      user,
      group,
      age,
      argument,
      ...
    }:
    "${kind} ${path} ${mode} ${user} ${group} ${age} ${argument}\n";
in
{
  environment.etc = {
    hosts.text =
      lib.concatStrings (
        lib.mapAttrsToList (
          address: names: lib.optionalString (names != [ ]) "${address} ${toString names}\n"
        ) known
      )
      + config.networking.extraHosts;
    hostname.text = "${config.networking.hostName}\n";
    "tmpfiles.d/00-nixos.conf".text = lib.concatMapStrings (
      line: "${line}\n"
    ) config.systemd.tmpfiles.rules;
  }
  // lib.mapAttrs' (
    name: paths:
    lib.nameValuePair "tmpfiles.d/${name}.conf" {
      text = lib.concatStrings (
        lib.concatLists (lib.mapAttrsToList (path: lib.mapAttrsToList (rule path)) paths)
      );
    }
  ) config.systemd.tmpfiles.settings;

  system.build.etc = lib.filterAttrs (_: { enable, ... }: enable) config.environment.etc;
}
