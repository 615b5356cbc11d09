import { isIPv6 } from "node:net";

/**
 * The origins at which a port may be reached, by the value of the `Host` header.
 *
 * A page of another site can make a browser connect to a loopback address: it lets its own name resolve to 127.0.0.1
 * (DNS rebinding). The browser then takes our answers for that site's. The name is in the `Host` header, so a name that
 * is not in this map is refused.
 */
export type Origins = ReadonlyMap<string, string>;

const loopback = ["127.0.0.1", "localhost", "[::1]"];
const everywhere = new Set(["0.0.0.0", "::"]);

const inUrl = (address: string): string => (isIPv6(address) ? `[${address}]` : address);

/**
 * Returns the origins of a port: the loopback names, the address that it listens at, and those that the operator gave
 * (`https://cim.example.org` for a proxy in front). The first one is the one that links begin with.
 */
export const originsOf = (address: string, port: number, given: ReadonlyArray<string>): Origins => {
  const own = everywhere.has(address) ? loopback : [...new Set([inUrl(address), ...loopback])];
  const origins = [...given, ...own.map((host) => `http://${host}:${port}`)].map((origin) => new URL(origin));
  return new Map(origins.map(({ host, origin }) => [host, origin]));
};

/** Returns the origin that a `Host` header names; undefined if we are not to be reached by that name. */
export const originOfHost = (origins: Origins, host: string | undefined): string | undefined =>
  host === undefined ? undefined : origins.get(host.toLowerCase().replace(/:80$/, ""));

/** Returns whether a browser must be told to send our cookie over TLS only. */
export const needsTls = (origin: string): boolean => {
  const { protocol, hostname } = new URL(origin);
  return protocol === "https:" || !loopback.includes(hostname);
};

/** The headers that say where a request comes from. */
export interface Provenance {
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

/**
 * Returns why a request that is sent by a script may not come from where it comes from; undefined if it may. Browsers
 * send `Origin` with every POST, and `Sec-Fetch-Site` from pages that came over TLS or from loopback.
 */
export const foreignScript = (
  own: string,
  { origin, fetchSite }: Provenance,
  needsOrigin: boolean,
): string | undefined => {
  if (origin === undefined && needsOrigin) return `the request has no Origin: send \`Origin: ${own}\``;
  if (origin !== undefined && origin !== own) return `the request comes from ${origin}, not from ${own}`;
  return fetchSite === undefined || fetchSite === "same-origin"
    ? undefined
    : `the browser says that the request is ${fetchSite}, not same-origin`;
};
