import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Exit, Scope } from "effect";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import { type Backend, type BackendOptions, backend } from "../../src/interfaces/backend.ts";

/** A whole leaf in this process: an embedded nats-server, a backend, and a client. */
export interface Leaf {
  readonly backend: Backend;
  readonly client: Client;
}

/** Runs a benchmark on a fresh leaf, and removes it. */
export const onLeaf = async (
  body: (leaf: Leaf) => Promise<void>,
  options: Partial<BackendOptions> = {},
): Promise<void> => {
  const store = await mkdtemp(join(tmpdir(), "cim-bench-"));
  const scope = Scope.makeUnsafe();
  try {
    const running = await Effect.runPromise(
      backend({ store, port: -1, prefix: "cim", agents: false, ...options }).pipe(
        Effect.provideService(Scope.Scope, scope),
      ),
    );
    const client = await connect({ servers: running.url, principal: "bench" });
    await body({ backend: running, client });
    await client.close();
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void));
    await rm(store, { recursive: true, force: true });
  }
};
