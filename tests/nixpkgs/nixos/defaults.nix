# Defaults that the list of options does not have, by the options' paths: those that are needed to evaluate a host, or that
# modules like to read. `null`, empty lists and empty sets need no mention.
{ pkgs }:
let
  unit =
    kind: more:
    {
      "systemd.${kind}.enable" = true;
      "systemd.${kind}.description" = "";
      "systemd.${kind}.overrideStrategy" = "asDropinIfExists";
    }
    // builtins.listToAttrs (
      map (name: {
        name = "systemd.${kind}.${name}";
        value = more.${name};
      }) (builtins.attrNames more)
    );
in
{
  "boot.isContainer" = false;
  "boot.loader.grub.enable" = true;
  "boot.loader.grub.device" = "";
  "boot.loader.grub.efiSupport" = false;
  "boot.loader.systemd-boot.enable" = false;
  "boot.loader.efi.canTouchEfiVariables" = false;
  "boot.loader.efi.efiSysMountPoint" = "/boot";
  "environment.etc.<name>.enable" = true;
  "environment.etc.<name>.mode" = "symlink";
  "environment.etc.<name>.user" = "+0";
  "environment.etc.<name>.group" = "+0";
  "fileSystems.<name>.options" = [ "defaults" ];
  "fileSystems.<name>.neededForBoot" = false;
  "fileSystems.<name>.autoFormat" = false;
  "fileSystems.<name>.noCheck" = false;
  "networking.domain" = null;
  "networking.firewall.enable" = true;
  "networking.firewall.allowPing" = true;
  "networking.firewall.checkReversePath" = true;
  "networking.firewall.filterForward" = false;
  "networking.firewall.logRefusedConnections" = true;
  "networking.firewall.rejectPackets" = false;
  "networking.firewall.trustedInterfaces" = [ ];
  "networking.hostName" = "nixos";
  "networking.networkmanager.enable" = false;
  "networking.nftables.checkRuleset" = true;
  "networking.nftables.tables.<name>.enable" = true;
  "networking.nftables.flushRuleset" = false;
  "nixpkgs.config" = { };
  "nix.package" = pkgs.nix;
  "services.alloy.configPath" = "/etc/alloy";
  "services.alloy.package" = pkgs.grafana-alloy;
  "services.apache-kafka.package" = pkgs.apacheKafka;
  "services.grafana.package" = pkgs.grafana;
  "services.grafana.settings.server.http_addr" = "127.0.0.1";
  "services.grafana.settings.server.http_port" = 3000;
  "services.haproxy.group" = "haproxy";
  "services.haproxy.package" = pkgs.haproxy;
  "services.haproxy.user" = "haproxy";
  "services.litestream.package" = pkgs.litestream;
  "services.loki.package" = pkgs.grafana-loki;
  "services.minio.package" = pkgs.minio;
  "services.mongodb.dbpath" = "/var/db/mongodb";
  "services.mongodb.bind_ip" = "127.0.0.1";
  "services.mongodb.package" = pkgs.mongodb;
  "services.mongodb.mongoshPackage" = pkgs.mongosh;
  "services.mongodb.user" = "mongodb";
  "services.mysql.group" = "mysql";
  "services.mysql.user" = "mysql";
  "services.nginx.group" = "nginx";
  "services.nginx.package" = pkgs.nginxStable;
  "services.nginx.user" = "nginx";
  "services.postgresql.dataDir" = "/var/lib/postgresql/${pkgs.postgresql.psqlSchema}";
  "services.postgresql.finalPackage" = pkgs.postgresql;
  "services.postgresql.package" = pkgs.postgresql;
  "services.postgresql.settings.port" = 5432;
  "services.prometheus.package" = pkgs.prometheus;
  "services.rabbitmq.dataDir" = "/var/lib/rabbitmq";
  "services.rabbitmq.listenAddress" = "127.0.0.1";
  "services.rabbitmq.package" = pkgs.rabbitmq-server;
  "services.rabbitmq.port" = 5672;
  "services.redis.package" = pkgs.redis;
  "services.zookeeper.dataDir" = "/var/lib/zookeeper";
  "services.zookeeper.package" = pkgs.zookeeper;
  "services.zookeeper.port" = 2181;
  "services.nats.dataDir" = "/var/lib/nats";
  "services.nats.group" = "nats";
  "services.nats.jetstream" = false;
  "services.nats.port" = 4222;
  "services.nats.serverName" = "nats";
  "services.nats.user" = "nats";
  "services.openssh.openFirewall" = true;
  "services.openssh.ports" = [ 22 ];
  "services.openssh.allowSFTP" = true;
  "services.openssh.authorizedKeysInHomedir" = false;
  "services.openssh.settings.PermitRootLogin" = "prohibit-password";
  "services.openssh.startWhenNeeded" = false;
  "services.postgresql.enableTCPIP" = false;
  "services.postgresqlBackup.location" = "/var/backup/postgresql";
  "services.postgresqlBackup.compression" = "gzip";
  "services.mongodb.enableAuth" = false;
  "services.postgresql.ensureUsers.*.ensureDBOwnership" = false;
  "services.mysql.dataDir" = "/var/lib/mysql";
  "services.mysqlBackup.location" = "/var/backup/mysql";
  "services.grafana.dataDir" = "/var/lib/grafana";
  "services.loki.dataDir" = "/var/lib/loki";
  "services.prometheus.port" = 9090;
  "services.prometheus.stateDir" = "prometheus2";
  "services.redis.servers.<name>.appendOnly" = false;
  "system.name" = "nixos";
  "system.nixos.label" = "stand-in";
  "system.nixos.release" = "26.05";
  "system.stateVersion" = "26.05";
  "systemd.tmpfiles.settings.<name>.<name>.<name>.age" = "-";
  "systemd.tmpfiles.settings.<name>.<name>.<name>.group" = "-";
  "systemd.tmpfiles.settings.<name>.<name>.<name>.mode" = "-";
  "systemd.tmpfiles.settings.<name>.<name>.<name>.user" = "-";
  "systemd.tmpfiles.settings.<name>.<name>.<name>.argument" = "";
  "systemd.package" = pkgs.systemd;
  "systemd.defaultUnit" = "multi-user.target";
  "time.timeZone" = null;
  "security.sudo.enable" = true;
  "security.sudo.wheelNeedsPassword" = true;
  "security.sudo.extraRules.*.host" = "ALL";
  "security.sudo.extraRules.*.runAs" = "ALL:ALL";
  "security.sudo-rs.enable" = false;
  "security.sudo-rs.extraRules.*.host" = "ALL";
  "security.sudo-rs.extraRules.*.runAs" = "ALL:ALL";
  "security.sudo-rs.wheelNeedsPassword" = true;
  "users.mutableUsers" = true;
  "users.users.<name>.createHome" = false;
  "users.users.<name>.description" = "";
  "users.users.<name>.group" = "";
  "users.users.<name>.home" = "/var/empty";
  "users.users.<name>.isNormalUser" = false;
  "users.users.<name>.isSystemUser" = false;
}
// builtins.listToAttrs (
  map
    (field: {
      name = "systemd.tmpfiles.settings.<name>.<name>.<name>.${field}";
      value = if field == "argument" then "" else "-";
    })
    [
      "mode"
      "user"
      "group"
      "age"
      "argument"
    ]
)
// unit "services.<name>" {
  reloadIfChanged = false;
  restartIfChanged = true;
  scriptArgs = "";
  startAt = [ ];
  stopIfChanged = true;
  enableDefaultPath = true;
}
// unit "targets.<name>" { }
// unit "timers.<name>" { }
// unit "sockets.<name>" { }
// unit "paths.<name>" { }
// unit "slices.<name>" { }
// unit "mounts.*" { type = ""; }
// unit "automounts.*" { }
