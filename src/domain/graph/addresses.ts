const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

const groupsOf = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.split(":"));

/**
 * Returns whether an address is IPv6 (RFC 4291, section 2.2): eight groups of up to four hexadecimal digits. One run of
 * zeros may be left out, and the last two groups may be written as IPv4.
 */
const isIpv6 = (address: string): boolean => {
  const last = address.slice(address.lastIndexOf(":") + 1);
  if (last.includes(".") && !ipv4.test(last)) return false;
  const hexadecimal = last.includes(".") ? `${address.slice(0, -last.length)}0:0` : address;
  const halves = hexadecimal.split("::");
  const groups = halves.flatMap(groupsOf);
  const complete = halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return complete && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
};

/**
 * Returns the version of an IP address; undefined for a DNS name. A link-local address may have a zone
 * (`fe80::1%eth0`).
 */
export const addressFamily = (address: string): 4 | 6 | undefined =>
  ipv4.test(address) ? 4 : isIpv6(address.replace(/%[^:%]+$/, "")) ? 6 : undefined;

/**
 * Returns whether text with the characters of an address is one. A DNS name has no colons, and does not consist of
 * numbers only.
 */
export const isAddress = (text: string): boolean => addressFamily(text) !== undefined || !/[:%]|^[\d.]+$/.test(text);

/** The port that a NATS leaf node dials if the URL has none. */
const defaultLeafPort = 7422;

/** Returns host and port of a NATS server's URL; undefined if it is not one, or if it has a user or password. */
export const serverOfUrl = (url: string): { readonly host: string; readonly port: number } | undefined => {
  const groups =
    /^(?:nats|nats-leaf|tls|wss?):\/\/(?:\[(?<ip>[^\]@]+)\]|(?<name>[^\s:/@[\]]+))(?::(?<port>\d{1,5}))?\/?$/.exec(
      url,
    )?.groups;
  const host = groups?.ip ?? groups?.name;
  const port = Number(groups?.port ?? defaultLeafPort);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
};
