# Runs the backend on a leaf, beside a nats-server of its own: `services.cim-leaf.enable = true`.
{ self }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.cim-leaf;
in
{
  options.services.cim-leaf = {
    enable = lib.mkEnableOption "the CIM Leaf backend";
    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      description = "The package that provides `cim`.";
    };
    nats = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "nats://127.0.0.1:4222";
      description = "The nats-server to use. By default this module runs one with JetStream and durable writes.";
    };
    prefix = lib.mkOption {
      type = lib.types.str;
      default = "cim";
      description = "The first token of every subject.";
    };
    environmentFile = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "File on the host with secrets such as CIM_NATS_CREDS; never in the store.";
    };
  };

  config = lib.mkIf cfg.enable {
    services.nats = lib.mkIf (cfg.nats == null) {
      enable = true;
      jetstream = true;
      serverName = config.networking.hostName;
      settings = {
        max_payload = 8388608;
        jetstream.sync_interval = "always";
      };
    };

    systemd.services.cim-leaf = {
      description = "CIM Leaf backend";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ] ++ lib.optional (cfg.nats == null) "nats.service";
      requires = lib.optional (cfg.nats == null) "nats.service";
      serviceConfig = {
        ExecStart = lib.escapeShellArgs [
          (lib.getExe cfg.package)
          "up"
          "--nats"
          (if cfg.nats == null then "nats://127.0.0.1:4222" else cfg.nats)
          "--prefix"
          cfg.prefix
        ];
        EnvironmentFile = lib.optional (cfg.environmentFile != null) cfg.environmentFile;
        Restart = "always";
        RestartSec = 1;
        DynamicUser = true;
        ProtectSystem = "strict";
        ProtectHome = true;
        NoNewPrivileges = true;
      };
    };
  };
}
