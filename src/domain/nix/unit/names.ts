/**
 * Names of units and users that NixOS, or what we set up in it, has on some host. They are taken whatever else runs on a
 * host, so that adding a node never renames the unit of another one.
 */
const taken: ReadonlySet<string> = new Set([
  ...[
    "alloy",
    "apache-kafka",
    "dbus",
    "epmd",
    "firewall",
    "getty",
    "grafana",
    "grub",
    "haproxy",
    "home",
    "init",
    "kafka",
  ],
  ...["keys", "kvm", "logrotate", "loki", "messagebus", "minio", "mongodb", "mongod", "multi-user", "mysql", "nats"],
  ...["mysqlbackup", "network", "nfs-server", "nftables", "nginx", "nix-daemon", "nixbld", "nobody", "nscd", "polkit"],
  ...["polkituser", "postgres", "postgresql", "postgresqlbackup", "prometheus", "promtail", "rabbitmq", "redis"],
  ...["resolvconf", "root", "rpcbind", "sshd", "sudo", "systemd", "tmp", "users", "utmp", "wheel", "zookeeper"],
]);

/** Beginnings of such names. Ours all begin with `cim-`. */
const prefixes = [
  "cim-",
  "container-",
  "mysql-",
  "nix-",
  "node-",
  "network-",
  "postgresql-",
  "prometheus-",
  "redis-",
  "systemd-",
];

/** Names of users and groups have at most 31 characters in Linux. */
export const longestAccount = 31;

/**
 * The name of the unit of a service or agent, without its suffix: the id, or `node-<id>` where NixOS has another use for
 * it. No two ids have the same one.
 */
export const unitName = (id: string): string =>
  taken.has(id) || prefixes.some((prefix) => id.startsWith(prefix)) ? `node-${id}` : id;
