import { once } from "node:events";
import { createServer } from "node:http";
import { defined } from "../../src/domain/kernel/mod.ts";
import { freePort } from "./nats.ts";

/** An OpenID provider on this machine, that believes everybody's name. */
export interface TestProvider {
  readonly issuer: string;
  /** Goes through the log-in as somebody, from the address that it begins at. Returns the address that it ends at. */
  readonly logInAs: (person: string, address: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export const client = { id: "console", secret: "a-secret-of-the-console" } as const;

/** Starts one that knows a client with these redirect addresses. A person's `email` is verified if it ends with `.org`. */
export const testProvider = async (redirects: ReadonlyArray<string>): Promise<TestProvider> => {
  const { default: OpenIdProvider } = await import("oidc-provider");
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new OpenIdProvider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [...redirects] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: id.endsWith(".org"), name: "admin" }),
    }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ["for-tests-only"] },
  });
  const server = createServer(provider.callback()).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    issuer,
    logInAs: (person, address) => clicked(person, issuer, address),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

/** Follows the provider's redirects as a browser does, and answers its two forms: who one is, and that one agrees. */
const clicked = async (person: string, issuer: string, begin: string): Promise<string> => {
  const jar = new Map<string, string>();
  let address = begin;
  for (let step = 0; step < 20; step++) {
    if (!address.startsWith(issuer)) return address;
    const form = /\/interaction\/[^/]+$/.test(address) ? await formAt(address, jar) : undefined;
    const body = form && new URLSearchParams({ prompt: form, login: person, password: "any" });
    const answer = await fetch(address, {
      redirect: "manual",
      headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...defined({ method: body && "POST", body }),
    });
    keep(jar, answer);
    const next = answer.headers.get("location");
    if (next === null) throw new Error(`${address} was answered with ${answer.status}: ${await answer.text()}`);
    address = new URL(next, address).href;
  }
  throw new Error("the provider leads in a circle");
};

const keep = (jar: Map<string, string>, answer: Response): void => {
  for (const set of answer.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    jar.set(name, value);
  }
};

/** Which form the provider shows: `login` or `consent`. */
const formAt = async (address: string, jar: Map<string, string>): Promise<string> => {
  const answer = await fetch(address, {
    headers: { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
  });
  keep(jar, answer);
  return /name="prompt" value="(\w+)"/.exec(await answer.text())?.[1] ?? "";
};
