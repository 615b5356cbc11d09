# The firewall as a ruleset of nftables, in the tables and chains that NixOS has. Only the firewall on nftables is offered.
{
  lib,
  config,
  pkgs,
  ...
}:
let
  cfg = config.networking.firewall;
  nftables = config.networking.nftables;

  ranges = map ({ from, to }: "${toString from}-${toString to}");
  set = items: "{ ${lib.concatStringsSep ", " items} }";
  accept =
    prefix: protocol: ports: portRanges:
    let
      all = map toString ports ++ ranges portRanges;
    in
    lib.optionalString (all != [ ]) "    ${prefix}${protocol} dport ${set all} accept\n";
  open =
    prefix: ports:
    accept prefix "tcp" ports.allowedTCPPorts ports.allowedTCPPortRanges
    + accept prefix "udp" ports.allowedUDPPorts ports.allowedUDPPortRanges;

  # Checked where the machine that builds has nftables and lets us use it.
  ruleset = pkgs.writeTextFile {
    name = "nftables-rules";
    text = config.system.build.nftables;
    checkPhase = ''
      ! nft list tables > /dev/null 2>&1 || nft --check -f "$target"
    '';
  };

  indented =
    text:
    lib.concatMapStrings (line: "    ${line}\n") (lib.splitString "\n" (lib.removeSuffix "\n" text));
in
{
  networking.nftables.tables.nixos-fw = lib.mkIf (cfg.enable && nftables.enable) {
    family = "inet";
    content = ''
      chain input {
          type filter hook input priority filter; policy drop;

          iifname { ${
            lib.concatMapStringsSep ", " builtins.toJSON ([ "lo" ] ++ cfg.trustedInterfaces)
          } } accept
          ct state vmap { invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }
          ${lib.optionalString cfg.rejectPackets "meta l4proto tcp reject with tcp reset\n    reject"}
      }

      chain input-allow {
      ${open "" cfg}${
        lib.concatStrings (
          lib.mapAttrsToList (name: open "iifname ${builtins.toJSON name} ") cfg.interfaces
        )
      }${lib.optionalString cfg.allowPing "    icmp type echo-request accept\n"}    icmpv6 type != { nd-redirect, 139 } accept
          ip6 daddr fe80::/64 udp dport 546 accept
      ${lib.optionalString (cfg.extraInputRules != "") (indented cfg.extraInputRules)}}
    '';
  };

  # The whole ruleset. Loading it replaces the tables that it has and leaves all others.
  system.build.nftables =
    lib.concatStrings (
      lib.mapAttrsToList (
        name:
        { family, content, ... }:
        ''
          table ${family} ${name};
          delete table ${family} ${name};
          table ${family} ${name} {
          ${content}}
        ''
      ) (lib.filterAttrs (_: { enable, ... }: enable) nftables.tables)
    )
    + nftables.ruleset;

  systemd.services.nftables = lib.mkIf nftables.enable {
    description = "nftables firewall";
    before = [ "network-pre.target" ];
    wants = [ "network-pre.target" ];
    wantedBy = [ "multi-user.target" ];
    # The machines of tests need not have nftables.
    unitConfig.ConditionPathExists = "/usr/sbin/nft";
    reloadIfChanged = true;
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/usr/sbin/nft -f ${ruleset}";
      ExecReload = "/usr/sbin/nft -f ${ruleset}";
    };
  };
}
