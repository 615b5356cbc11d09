import { Effect, Exit, Scope } from "effect";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import type { Role } from "../../src/domain/kernel/mod.ts";
import { type Backend, type BackendOptions, backend } from "../../src/interfaces/backend.ts";
import { grantRoles } from "./authority.ts";
import { type TestNats, testNats } from "./nats.ts";

/** A real nats-server, a backend in this process, and clients of it. */
export interface TestLeaf {
  readonly nats: TestNats;
  readonly backend: Backend;
  readonly connect: (principal: string) => Promise<Client>;
  /** Gives principals roles, in the name of the admin. */
  readonly grant: (ids: ReadonlyArray<string>, ...roles: ReadonlyArray<Role>) => Promise<void>;
  /** One more backend on the same server; `close` ends it. */
  readonly another: (options?: Partial<BackendOptions>) => Promise<{ readonly close: () => Promise<void> }>;
  /** Ends the backend, and starts it again after so many milliseconds. */
  readonly restart: (awayMilliseconds: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const start = async (nats: TestNats, options: Partial<BackendOptions>) => {
  const scope = Scope.makeUnsafe();
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void));
  const running = await Effect.runPromise(
    backend({
      nats: { servers: nats.url },
      prefix: nats.prefix,
      store: "",
      port: -1,
      agents: false,
      ...options,
    }).pipe(Effect.provideService(Scope.Scope, scope)),
  ).catch(async (error) => {
    await close();
    throw error;
  });
  await running.agents;
  return { running, close };
};

export const testLeaf = async (options: Partial<BackendOptions> = {}): Promise<TestLeaf> => {
  const nats = await testNats();
  let { running, close } = await start(nats, options);
  const clients: Array<Client> = [];
  return {
    nats,
    get backend() {
      return running;
    },
    connect: async (principal) => {
      const client = await connect({ servers: nats.url, prefix: nats.prefix, principal });
      clients.push(client);
      return client;
    },
    grant: (ids, ...roles) => grantRoles({ servers: nats.url, prefix: nats.prefix }, ids, ...roles),
    another: (more = {}) => start(nats, { ...options, ...more }),
    restart: async (away) => {
      await close();
      await new Promise((wake) => setTimeout(wake, away));
      ({ running, close } = await start(nats, options));
    },
    dispose: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await close();
      await nats.dispose();
    },
  };
};
