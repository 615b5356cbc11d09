import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Exit, Scope } from "effect";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import type { Role } from "../../src/domain/kernel/mod.ts";
import { files, initSecurity } from "../../src/infrastructure/security/mod.ts";
import { backend } from "../../src/interfaces/backend.ts";
import { closedOptions } from "../../src/interfaces/cli/up.ts";

/** A closed installation in this process: an embedded nats-server with keys, and a backend. */
export interface ClosedLeaf {
  readonly url: string;
  /** The folder of the keys. */
  readonly folder: string;
  readonly ca: string;
  readonly credentials: (name: string) => Promise<string>;
  readonly connect: (principal: string) => Promise<Client>;
  /** A client with the rights of the backend. */
  readonly owner: Client;
  readonly dispose: () => Promise<void>;
}

/** Connects, with patience for a machine that is slow. Anything else that goes wrong is thrown. */
export const patiently = async <A>(attempt: () => Promise<A>): Promise<A> => {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const slow = /timeout/i.test(`${error}`) && attempts < 10;
      if (!slow) throw error;
    }
  }
};

/** Starts one with these users, and their roles. */
export const closedLeaf = async (users: Readonly<Record<string, ReadonlyArray<Role>>>): Promise<ClosedLeaf> => {
  const place = await mkdtemp(join(tmpdir(), "cim-closed-"));
  const folder = join(place, "keys");
  await initSecurity(folder, {
    prefix: "cim",
    hosts: [],
    users: Object.entries(users).map(([name, roles]) => ({ name, kind: "person", roles, days: 1 })),
  });
  const closed = await closedOptions(folder);
  const scope = Scope.makeUnsafe();
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void));
  const running = await Effect.runPromise(
    backend({ store: join(place, "store"), port: -1, prefix: "cim", agents: false, closed }).pipe(
      Effect.provideService(Scope.Scope, scope),
    ),
  ).catch(async (error) => {
    await close();
    throw error;
  });
  const { url } = running;
  const { ca } = closed;
  const credentials = (name: string) => readFile(join(folder, files.credentials(name)), "utf8");
  const clients: Array<Client> = [];
  const open = async (principal: string, text: string) => {
    const client = await patiently(() => connect({ servers: url, principal, credentials: text, ca }));
    clients.push(client);
    return client;
  };
  return {
    url,
    folder,
    ca,
    credentials,
    connect: async (principal) => open(principal, await credentials(principal)),
    owner: await open("cim-backend", closed.credentials),
    dispose: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await close();
      await rm(place, { recursive: true, force: true });
    },
  };
};
