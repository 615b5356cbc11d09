/**
 * Names of units and users that NixOS, or a service that we configure, has on some host. They are reserved on every
 * host, so that a new node never renames the unit of another one.
 */
const taken: ReadonlySet<string> = new Set(
  [
    "alloy apache-kafka dbus epmd firewall getty grafana grub haproxy home init kafka keys kvm logrotate loki",
    "messagebus minio mongodb mongod multi-user mysql nats mysqlbackup network nfs-server nftables nginx nix-daemon",
    "nixbld nobody nscd polkit polkituser postgres postgresql postgresqlbackup prometheus promtail rabbitmq redis",
    "resolvconf root rpcbind sshd sudo systemd tmp users utmp wheel zookeeper",
  ].flatMap((names) => names.split(" ")),
);

/** Prefixes of such names. All of ours begin with `cim-`. */
const prefixes = "cim- container- mysql- nix- node- network- postgresql- prometheus- redis- systemd-".split(" ");

/** The most characters that Linux allows in the name of a user or group. */
export const longestAccount = 31;

/**
 * Returns the name of the unit of a service or agent, without its suffix: the id, or `node-<id>` if NixOS uses the id
 * for something else. No two ids have the same name.
 */
export const unitName = (id: string): string =>
  taken.has(id) || prefixes.some((prefix) => id.startsWith(prefix)) ? `node-${id}` : id;

const prime = 0x0000000001000000000000000000013bn;
const offset = 0x6c62272e07bb014262b821756295c58dn;
const mask = (1n << 128n) - 1n;

/**
 * Returns the FNV-1a hash with 128 bits (RFC 9923) of a text's UTF-8. It distinguishes texts, but it does not hide
 * them.
 */
export const hashOf = (text: string): bigint => {
  let hash = offset;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash;
};

/** Returns eight letters and digits. Two texts share them with a probability of one in 36^8. */
export const shortHash = (text: string): string => hashOf(text).toString(36).padStart(25, "0").slice(-8);

/** Returns a name of at most `longest` characters: the name itself, or its beginning and a hash of the whole name. */
export const shortened = (name: string, longest: number): string =>
  name.length <= longest ? name : `${name.slice(0, longest - 9)}-${shortHash(name)}`;
