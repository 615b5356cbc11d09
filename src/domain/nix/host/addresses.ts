import { addressFamily } from "../../graph/addresses.ts";

export const loopback = "127.0.0.1";

/** The address to listen on so that ends with these addresses can meet: every interface. */
export const everywhere = (ends: ReadonlyArray<{ readonly address: string }>): string =>
  ends.every(({ address }) => addressFamily(address) === 4) ? "0.0.0.0" : "::";

/** An address as a URL has it. */
export const hostInUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);
