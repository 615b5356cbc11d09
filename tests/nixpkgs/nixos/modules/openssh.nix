# The configuration of sshd, as text only, and its ports in the firewall.
{ lib, config, ... }:
let
  cfg = config.services.openssh;
  yesNo =
    value:
    if lib.isBool value then
      lib.boolToYesNo value
    else if lib.isList value then
      lib.concatStringsSep "," value
    else
      toString value;
  keys =
    lib.optional cfg.authorizedKeysInHomedir "%h/.ssh/authorized_keys"
    ++ [ "/etc/ssh/authorized_keys.d/%u" ]
    ++ cfg.authorizedKeysFiles;
in
{
  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.optionals cfg.openFirewall cfg.ports;
    system.build.sshd =
      lib.concatMapStrings (port: "Port ${toString port}\n") cfg.ports
      + "AuthorizedKeysFile ${toString keys}\n"
      + lib.concatStrings (
        lib.mapAttrsToList (
          name: value: lib.optionalString (value != null) "${name} ${yesNo value}\n"
        ) cfg.settings
      )
      + cfg.extraConfig;
    environment.etc = lib.mapAttrs' (
      name: user:
      lib.nameValuePair "ssh/authorized_keys.d/${name}" {
        text = lib.concatMapStrings (key: "${key}\n") user.openssh.authorizedKeys.keys;
      }
    ) (lib.filterAttrs (_: user: user.openssh.authorizedKeys.keys != [ ]) config.users.users);
  };
}
