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
      example = "nats://10.0.0.1:4222,nats://10.0.0.2:4222,nats://10.0.0.3:4222";
      description = "The nats-server to use, or those of a cluster. By default this module runs one with JetStream and durable writes.";
    };
    replicas = lib.mkOption {
      type = lib.types.nullOr (lib.types.enum [ 1 3 5 ]);
      default = null;
      description = "On how many servers of a cluster each stream is kept. Chosen when the installation is made; see docs/cluster.md.";
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
        # A client that is silent, such as a frozen backend, gets no requests any more after 9 s.
        ping_interval = "3s";
        ping_max = 2;
        # What a client does not read is dropped for it, and holds up nobody else.
        no_fast_producer_stall = true;
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
          ++ lib.optionals (cfg.replicas != null) [
            "--replicas"
            (toString cfg.replicas)
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
