# Runs the backend on a leaf, beside a nats-server of its own, closed: `services.cim-leaf.enable = true`.
{ self }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.cim-leaf;
  state = "/var/lib/cim-leaf";
  user = "cim-leaf";
  ownServer = cfg.nats == null;
  # With the credentials of a backend there is no folder of keys: that is where the server is.
  hasKeys = !cfg.open && cfg.credentialsFile == null;
  sshKey = if cfg.ssh.identityFile == null then "${state}/ssh/id_ed25519" else cfg.ssh.identityFile;

  knownHosts =
    if cfg.ssh.knownHosts == [ ] then
      "${state}/ssh/known_hosts"
    else
      pkgs.writeText "cim-leaf-known-hosts" (lib.concatLines cfg.ssh.knownHosts);

  serverConfiguration = pkgs.writeText "cim-leaf-nats.conf" ''
    server_name: ${builtins.toJSON config.networking.hostName}
    listen: ${builtins.toJSON "${cfg.listen}:${toString cfg.port}"}
    max_payload: 8MB
    # A client that is silent, such as a frozen backend, gets no requests any more after 9 s.
    ping_interval: "3s"
    ping_max: 2
    # What a client does not read is dropped for it, and holds up nobody else.
    no_fast_producer_stall: true
    jetstream {
      store_dir: "${state}/nats"
      max_file: 100TB
      sync_interval: always
    }
    ${lib.optionalString hasKeys "include ./closed.conf"}
  '';

  # What a nats-server includes has to be beside it, and the part that closes it is in the folder of keys.
  configurationFile =
    if hasKeys then "${cfg.keys}/leaf.conf" else "${serverConfiguration}";

  # systemd would replace what begins with a percent sign.
  commandLine = words: lib.replaceStrings [ "%" ] [ "%%" ] (lib.escapeShellArgs words);

  flag = name: value: [
    "--${name}"
    (toString value)
  ];
  flags = name: lib.concatMap (flag name);

  hardened = {
    User = user;
    Group = user;
    StateDirectory = "cim-leaf";
    StateDirectoryMode = "0700";
    UMask = "0077";
    ProtectSystem = "strict";
    ProtectHome = true;
    PrivateTmp = true;
    NoNewPrivileges = true;
  };
in
{
  options.services.cim-leaf = {
    enable = lib.mkEnableOption "the CIM Leaf backend";
    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      description = "The package that provides `cim`.";
    };
    natsPackage = lib.mkOption {
      type = lib.types.package;
      default = pkgs.nats-server;
      description = "The package that provides `nats-server`.";
    };
    nats = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "nats://10.0.0.1:4222,nats://10.0.0.2:4222,nats://10.0.0.3:4222";
      description = "The nats-server to use, or those of a cluster. By default this module runs one with JetStream and durable writes.";
    };
    listen = lib.mkOption {
      type = lib.types.str;
      default = "127.0.0.1";
      example = "0.0.0.0";
      description = "The address at which the nats-server of this module listens. The firewall stays closed.";
    };
    port = lib.mkOption {
      type = lib.types.port;
      default = 4222;
      description = "The port of the nats-server of this module.";
    };
    open = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to believe whoever connects, without keys. For a server that listens on loopback only.";
    };
    keys = lib.mkOption {
      type = lib.types.str;
      default = "${state}/keys";
      description = "The folder of keys of a closed installation. The first start makes it if this module runs the nats-server.";
    };
    hosts = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ config.networking.hostName ];
      defaultText = lib.literalExpression "[ config.networking.hostName ]";
      description = "Names and addresses by which others reach the nats-server, for its certificate. Read when the keys are made.";
    };
    operator = lib.mkOption {
      type = lib.types.str;
      default = "operator";
      description = "The first person: a viewer, participant, designer and operator. The link to the console is for them.";
    };
    credentialsFile = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "/run/secrets/cim-backend.creds";
      description = "The credentials of the backend for a closed server elsewhere (CIM_CREDENTIALS), a file on the host.";
    };
    caFile = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "/etc/cim/ca.pem";
      description = "The certificates by which a server elsewhere is known (CIM_CA), a file on the host.";
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
    pins = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example = {
        nixpkgs = "github:NixOS/nixpkgs/nixos-26.05";
      };
      description = "Where the inputs of generated flakes come from (`--pin`).";
    };
    ssh = {
      identityFile = lib.mkOption {
        type = lib.types.nullOr lib.types.str;
        default = null;
        description = "The private key for the hosts, a file that the user cim-leaf reads. By default the first start makes ${state}/ssh/id_ed25519.";
      };
      knownHosts = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        example = [ "10.0.0.7 ssh-ed25519 AAAA…" ];
        description = "The host keys of the hosts, lines of known_hosts(5). By default ${state}/ssh/known_hosts; `programs.ssh.knownHosts` counts too.";
      };
      options = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        example = [ "ConnectTimeout=20" ];
        description = "More options of ssh, without spaces (`--ssh-option`).";
      };
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
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = "A file on the host with variables that are secrets; never in the store.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = !(cfg.open && ownServer) || cfg.listen == "127.0.0.1" || cfg.listen == "::1";
        message = "services.cim-leaf: an open nats-server believes everybody, so it listens on 127.0.0.1 only: leave `open` or `listen` at its default";
      }
      {
        assertion = !ownServer || cfg.credentialsFile == null;
        message = "services.cim-leaf: credentialsFile is for a server elsewhere: name it in `nats`";
      }
    ];

    # Of its own and not dynamic: ssh asks for it, and `sudo --user cim-leaf` uses its keys.
    users.users.${user} = {
      isSystemUser = true;
      group = user;
      home = state;
      description = "CIM Leaf backend";
    };
    users.groups.${user} = { };
    environment.systemPackages = [ cfg.package ];

    systemd.services.cim-leaf-keys = {
      description = "The keys of CIM Leaf, made once";
      path = [
        cfg.package
        pkgs.openssh
      ];
      script = ''
        mkdir -p ${state}/ssh
      ''
      + lib.optionalString (hasKeys && ownServer) ''
        if [ ! -e ${lib.escapeShellArg cfg.keys} ]; then
          cim security init ${
            lib.escapeShellArgs (
              [ cfg.keys ] ++ flag "prefix" cfg.prefix ++ flag "as" cfg.operator ++ flags "host" cfg.hosts
            )
          }
        fi
        install -m 600 ${serverConfiguration} ${lib.escapeShellArg configurationFile}
      ''
      + lib.optionalString (cfg.ssh.identityFile == null) ''
        if [ ! -e ${sshKey} ]; then
          ssh-keygen -q -t ed25519 -N "" -C "cim-leaf@${config.networking.hostName}" -f ${sshKey}
          echo "the hosts have to let this key in: $(cat ${sshKey}.pub)"
        fi
      '';
      serviceConfig = hardened // {
        Type = "oneshot";
        RemainAfterExit = true;
      };
    };

    systemd.services.cim-leaf-nats = lib.mkIf ownServer {
      description = "The nats-server of CIM Leaf";
      after = [
        "network.target"
        "cim-leaf-keys.service"
      ];
      requires = [ "cim-leaf-keys.service" ];
      serviceConfig = hardened // {
        ExecStart = "${lib.getExe cfg.natsPackage} --config ${configurationFile}";
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        Restart = "always";
        RestartSec = 1;
        LimitNOFILE = 65536;
        # What it answers after an end in order.
        SuccessExitStatus = "1";
      };
    };

    systemd.services.cim-leaf = {
      description = "CIM Leaf backend";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [
        "network-online.target"
        "cim-leaf-keys.service"
      ]
      ++ lib.optional ownServer "cim-leaf-nats.service";
      requires = [ "cim-leaf-keys.service" ] ++ lib.optional ownServer "cim-leaf-nats.service";
      # It builds flakes and reaches hosts with these.
      path = [
        config.nix.package
        pkgs.openssh
        pkgs.git
      ];
      environment = {
        HOME = state;
      }
      // lib.optionalAttrs (cfg.credentialsFile != null) { CIM_CREDENTIALS = "%d/credentials"; }
      // lib.optionalAttrs (cfg.caFile != null) { CIM_CA = "%d/ca"; };
      serviceConfig = hardened // {
        ExecStart = commandLine (
          [
            (lib.getExe cfg.package)
            "up"
          ]
          ++ flag "nats" (if ownServer then "nats://127.0.0.1:${toString cfg.port}" else cfg.nats)
          ++ flag "prefix" cfg.prefix
          # Whom the link to the console is for.
          ++ flag "as" cfg.operator
          ++ lib.optionals hasKeys (flag "secure" cfg.keys)
          ++ lib.optionals (cfg.replicas != null) (flag "replicas" cfg.replicas)
          ++ flags "pin" (lib.mapAttrsToList (input: reference: "${input}=${reference}") cfg.pins)
          ++ flags "ssh-option" (
            [
              "IdentityFile=${sshKey}"
              "UserKnownHostsFile=${knownHosts}"
            ]
            ++ cfg.ssh.options
          )
          ++ (
            if cfg.console.enable then
              flag "console-port" cfg.console.port
              ++ flag "console-address" cfg.console.address
              ++ flag "console-sessions" "${state}/console-sessions.json"
              ++ flags "console-origin" cfg.console.origins
            else
              [ "--no-console" ]
          )
        );
        LoadCredential =
          lib.optional (cfg.credentialsFile != null) "credentials:${cfg.credentialsFile}"
          ++ lib.optional (cfg.caFile != null) "ca:${cfg.caFile}";
        EnvironmentFile = lib.optional (cfg.environmentFile != null) cfg.environmentFile;
        Restart = "always";
        RestartSec = 1;
      };
    };
  };
}
