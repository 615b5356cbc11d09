# Assertions and warnings, and those of NixOS itself that a generated host can fail.
{ lib, config, ... }:
let
  inherit (lib) mkOption types;
  users = lib.attrValues (lib.mapAttrs (name: user: user // { inherit name; }) config.users.users);
  grub = config.boot.loader.grub;
in
{
  options = {
    assertions = mkOption {
      type = types.listOf types.unspecified;
      default = [ ];
    };
    warnings = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };
  };

  config.assertions = [
    {
      assertion = config.fileSystems ? "/" || config.boot.isContainer;
      message = "The ‘fileSystems’ option does not specify your root file system.";
    }
    {
      assertion =
        config.boot.isContainer
        || !grub.enable
        || config.boot.loader.systemd-boot.enable
        || grub.device != ""
        || grub.devices != [ ]
        || grub.mirroredBoots != [ ];
      message = "You must set the option ‘boot.loader.grub.devices’ or 'boot.loader.grub.mirroredBoots' to make the system bootable.";
    }
    {
      assertion =
        !config.networking.firewall.enable
        || config.networking.firewall.extraInputRules == ""
        || config.networking.nftables.enable;
      message = "extraInputRules only works with the nftables based firewall";
    }
    {
      assertion = !builtins.any (builtins.elem "localhost") (
        lib.attrValues (removeAttrs config.networking.hosts [ "127.0.0.1" "::1" ])
      ) && config.networking.hostName != "localhost";
      message = "`networking.hosts` maps \"localhost\" to something other than \"127.0.0.1\" or \"::1\".";
    }
    {
      assertion = builtins.match "[0-9]{2}\\.[0-9]{2}" config.system.stateVersion != null;
      message = "${config.system.stateVersion} is an invalid value for 'system.stateVersion'.";
    }
  ]
  ++ lib.concatMap (user: [
    {
      assertion = user.isSystemUser != user.isNormalUser || user.uid != null && user.uid == 0;
      message = "Exactly one of users.users.${user.name}.isSystemUser and users.users.${user.name}.isNormalUser must be set.";
    }
    {
      assertion = user.group != "";
      message = "users.users.${user.name}.group is unset. This used to default to nogroup, but this is unsafe.";
    }
    {
      assertion = user.group == "" || config.users.groups ? ${user.group};
      message = "users.users.${user.name}.group is ‘${user.group}’, but there is no group of that name.";
    }
  ]) users
  ++ lib.mapAttrsToList (name: _: {
    assertion = builtins.stringLength name <= 31;
    message = "Username '${name}' is longer than 31 characters which is not allowed!";
  }) config.users.users
  # A type that is not set fails by itself.
  ++ lib.mapAttrsToList (path: { fsType, ... }: {
    assertion = fsType != "";
    message = "fileSystems.\"${path}\".fsType is empty.";
  }) config.fileSystems;
}
