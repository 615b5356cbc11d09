import type { Client, Signer } from "../../agents/kit/mod.ts";
import type { Invocation } from "./invocation.ts";

/**
 * Uses a connection to the installation, as the principal of the settings, and closes it. What it takes to connect is
 * loaded only here, so that commands that need no server start without it.
 */
export const withClient = async <T>(
  cli: Invocation,
  use: (client: Client) => Promise<T>,
  signer?: Signer,
): Promise<T> => {
  const { connected } = await import("./connection.ts");
  return connected(cli, use, signer);
};
