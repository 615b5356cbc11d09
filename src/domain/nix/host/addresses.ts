import { addressFamily } from "../../graph/addresses.ts";

export const loopback = "127.0.0.1";

/** The address to listen on so that ends with these addresses can meet: every interface. */
export const everywhere = (ends: ReadonlyArray<{ readonly address: string }>): string =>
  ends.every(({ address }) => addressFamily(address) === 4) ? "0.0.0.0" : "::";

/** The port that a NATS leaf node dials where its URL has none. */
const defaultLeafPort = 7422;

/** Host and port of the URL of a NATS server; undefined where it is none, or carries a user or password. */
export const serverOfUrl = (url: string): { readonly host: string; readonly port: number } | undefined => {
  const groups =
    /^(?:nats|nats-leaf|tls|wss?):\/\/(?:\[(?<ip>[^\]@]+)\]|(?<name>[^\s:/@[\]]+))(?::(?<port>\d{1,5}))?\/?$/.exec(
      url,
    )?.groups;
  const host = groups?.ip ?? groups?.name;
  const port = Number(groups?.port ?? defaultLeafPort);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
};

/** An address as a URL has it. */
export const hostInUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);
