# Users and groups as systemd-sysusers reads them.
{ lib, config, ... }:
let
  idOf = id: if id == null then "-" else toString id;
  quoted = text: if text == "" then "-" else builtins.toJSON text;
  group = name: { gid, ... }: "g ${name} ${idOf gid}\n";
  user =
    name: user:
    "u ${name} ${idOf user.uid}${
      lib.optionalString (user.group != "") ":${user.group}"
    } ${quoted user.description} ${user.home}\n";
  members =
    name:
    { members, ... }:
    lib.concatMapStrings (member: "m ${member} ${name}\n") members;
  extra =
    name:
    { extraGroups, ... }:
    lib.concatMapStrings (group: "m ${name} ${group}\n") extraGroups;
  text = f: set: lib.concatStrings (lib.mapAttrsToList f set);
in
{
  users.groups.root = { };
  users.groups.users.gid = 100;
  users.users.root = {
    isSystemUser = true;
    group = "root";
    home = "/root";
    uid = 0;
  };
  environment.etc."sysusers.d/nixos.conf".text =
    text group config.users.groups
    + text user config.users.users
    + text members config.users.groups
    + text extra config.users.users;
}
