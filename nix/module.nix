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
    console = {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = true;
        description = "Whether to open the HTTP port: health, metrics, and the API for browsers.";
      };
      port = lib.mkOption {
        type = lib.types.port;
        default = 7422;
        description = "The HTTP port. The firewall stays closed: a proxy with TLS belongs in front of it.";
      };
      address = lib.mkOption {
        type = lib.types.str;
        default = "127.0.0.1";
        description = "The address to listen at.";
      };
      origins = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        example = [ "https://cim.example.org" ];
        description = "Where a proxy in front serves it. Requests for other names are refused.";
      };
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
        ExecStart = lib.escapeShellArgs (
          [
            (lib.getExe cfg.package)
            "up"
            "--nats"
            (if cfg.nats == null then "nats://127.0.0.1:4222" else cfg.nats)
            "--prefix"
            cfg.prefix
          ]
          ++ (
            if cfg.console.enable then
              [
                "--console-port"
                (toString cfg.console.port)
                "--console-address"
                cfg.console.address
              ]
              ++ lib.concatMap (origin: [
                "--console-origin"
                origin
              ]) cfg.console.origins
            else
              [ "--no-console" ]
          )
        );
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
