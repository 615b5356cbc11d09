# Of NixOS' own modules for services only what others notice: the users they make, and values that a definition may conflict
# with. Their units are not here.
{ lib, config, pkgs, ... }:
let
  inherit (config) services;

  # The users of the services that are enabled; each has a group of its name.
  users = lib.filter (name: name != null) (
    lib.concatLists [
      (lib.optional services.nats.enable services.nats.user)
      (lib.optional services.postgresql.enable "postgres")
      (lib.optional services.mysql.enable "mysql")
      (lib.optional services.mongodb.enable "mongodb")
      (lib.optional services.nginx.enable "nginx")
      (lib.optional services.haproxy.enable "haproxy")
      (lib.optional services.rabbitmq.enable "rabbitmq")
      (lib.optional services.apache-kafka.enable "apache-kafka")
      (lib.optional services.zookeeper.enable "zookeeper")
      (lib.optional services.prometheus.enable "prometheus")
      (lib.optional services.grafana.enable "grafana")
      (lib.optional services.loki.enable "loki")
      (lib.optional services.minio.enable "minio")
      (lib.optional services.litestream.enable "litestream")
      (map (name: if name == "" then "redis" else "redis-${name}") (
        lib.attrNames (lib.filterAttrs (_: { enable, ... }: enable) services.redis.servers)
      ))
    ]
  );
in
{
  config = {
    users.users = lib.genAttrs users (name: {
      isSystemUser = true;
      group = name;
    });
    users.groups = lib.genAttrs users (_: { });

    services.postgresql = lib.mkIf services.postgresql.enable {
      package = lib.mkDefault pkgs.postgresql_17;
      dataDir = lib.mkDefault "/var/lib/postgresql/${services.postgresql.package.psqlSchema}";
    };

    services.nats.settings = lib.mkIf services.nats.enable {
      inherit (services.nats) port;
      server_name = services.nats.serverName;
      jetstream = lib.optionalAttrs services.nats.jetstream { store_dir = services.nats.dataDir; };
    };

    assertions = [
      {
        assertion =
          !services.mongodb.enable
          || !services.mongodb.enableAuth
          || services.mongodb.initialRootPasswordFile != null;
        message = "`enableAuth` requires `initialRootPasswordFile` to be set.";
      }
    ]
    ++ map ({ name, ensureDBOwnership, ... }: {
      assertion = !ensureDBOwnership || lib.elem name services.postgresql.ensureDatabases;
      message = ''
        For each database user defined with `services.postgresql.ensureUsers` and
        `ensureDBOwnership = true;`, a database with the same name must be defined
        in `services.postgresql.ensureDatabases`. Offender: ${name} has not been found among databases.'';
    }) (lib.optionals services.postgresql.enable services.postgresql.ensureUsers);
  };
}
