import { connect, credsAuthenticator } from "@nats-io/transport-node";
import type { SignedAccount } from "./accounts.ts";
import { authorityOf, systemCredentials } from "./mod.ts";

/** Milliseconds that a server may take to answer. */
const patience = 3_000;

/**
 * Sends changed accounts to the running nats-servers. They end the connections of revoked users at once. Returns false
 * if no server answers.
 */
export const pushAccounts = async (
  folder: string,
  servers: string | ReadonlyArray<string>,
  accounts: ReadonlyArray<SignedAccount>,
): Promise<boolean> => {
  const credentials = new TextEncoder().encode(await systemCredentials(folder));
  const ca = await authorityOf(folder);
  try {
    const nc = await connect({
      servers: typeof servers === "string" ? servers : [...servers],
      name: "cim security",
      authenticator: credsAuthenticator(credentials),
      tls: { ca },
      timeout: patience,
      reconnect: false,
    });
    try {
      for (const { key, jwt } of accounts)
        await nc.request(`$SYS.REQ.ACCOUNT.${key}.CLAIMS.UPDATE`, jwt, { timeout: patience });
    } finally {
      await nc.close();
    }
    return true;
  } catch {
    return false;
  }
};
