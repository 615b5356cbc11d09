/**
 * Writes `options.json`, the options that generated flakes and modules of operators may set, from the options of a real
 * NixOS (name → description of its type): `bin/node tests/nixpkgs/extract-options.ts nixos-options.json`, by hand.
 *
 * The file is a tree by the words of the names. A leaf is the description of the option's type; an option that has others
 * below it has its own description under `""`.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** The services of NixOS that may matter on a host of a deployment; all of its other options are taken. */
const services = [
  "alertmanager",
  "alloy",
  "apache-kafka",
  "caddy",
  "chrony",
  "consul",
  "cron",
  "dbus",
  "dnsmasq",
  "etcd",
  "fail2ban",
  "fluent-bit",
  "fstrim",
  "fwupd",
  "garage",
  "glusterfs",
  "grafana",
  "haproxy",
  "httpd",
  "influxdb2",
  "journald",
  "journalbeat",
  "keepalived",
  "litestream",
  "logind",
  "logrotate",
  "loki",
  "lvm",
  "memcached",
  "minio",
  "mongodb",
  "mysql",
  "mysqlBackup",
  "nats",
  "nfs",
  "nginx",
  "ntp",
  "nscd",
  "nsd",
  "openiscsi",
  "openntpd",
  "openssh",
  "oauth2-proxy",
  "opentelemetry-collector",
  "patroni",
  "pgbouncer",
  "postgresql",
  "postgresqlBackup",
  "postgresqlWalReceiver",
  "prometheus",
  "promtail",
  "rabbitmq",
  "redis",
  "resolved",
  "restic",
  "rpcbind",
  "rsyncd",
  "samba",
  "smartd",
  "spire",
  "sshguard",
  "step-ca",
  "stunnel",
  "sysstat",
  "syslog-ng",
  "syslogd",
  "tailscale",
  "telegraf",
  "tempo",
  "thanos",
  "timesyncd",
  "traefik",
  "udev",
  "unbound",
  "uptime-kuma",
  "userdbd",
  "valkey",
  "vault",
  "vector",
  "victoriametrics",
  "vmagent",
  "zfs",
  "zookeeper",
  "cloud-init",
  "getty",
  "qemuGuest",
  "borgbackup",
  "autofs",
  "target",
  "drbd",
  "mosquitto",
  "tftpd",
  "acpid",
  "irqbalance",
  "earlyoom",
  "mimir",
];

const left = [
  "_module",
  "appstream",
  "ec2",
  "fonts",
  "gtk",
  "location",
  "nixops",
  "openstack",
  "programs",
  "qt",
  "xdg",
];

const programs = ["bash", "command-not-found", "fuse", "git", "mtr", "nano", "ssh", "sysdig", "tmux", "vim", "zsh"];

const isWanted = ([first = "", second = ""]: ReadonlyArray<string>): boolean => {
  if (first === "services") return services.includes(second);
  if (first === "programs") return programs.includes(second);
  return !left.includes(first);
};

/** `a.b."c.d"` → `a`, `b`, `c.d` */
const wordsOf = (name: string): ReadonlyArray<string> =>
  [...name.matchAll(/"([^"]*)"|[^."]+/g)].map(([word, quoted]) => quoted ?? word);

interface Tree {
  [word: string]: Tree | string;
}

/** Adds an option to the tree, with the description of its type. */
const add = (tree: Tree, [word = "", ...rest]: ReadonlyArray<string>, description: string): void => {
  const there = tree[word];
  if (rest.length === 0) tree[word] = typeof there === "object" ? { "": description, ...there } : description;
  else {
    const below = typeof there === "object" ? there : there === undefined ? {} : { "": there };
    add(below, rest, description);
    tree[word] = below;
  }
};

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("say which file has the options of NixOS");
const options: Readonly<Record<string, string>> = JSON.parse(readFileSync(file, "utf8"));
const tree: Tree = {};
for (const [name, description] of Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)))
  if (isWanted(wordsOf(name))) add(tree, wordsOf(name), description);
writeFileSync(new URL("options.json", import.meta.url), `${JSON.stringify(tree, null, 2)}\n`);
