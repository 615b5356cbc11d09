import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Exit, Scope } from "effect";
import { Agent, type AgentOptions, type Client, connect } from "../../src/agents/kit/mod.ts";
import { type Backend, type BackendOptions, backend } from "../../src/interfaces/backend.ts";

/** A whole leaf in this process: an embedded nats-server, a backend, a client, and agents with connections of their own. */
export interface Leaf {
  readonly backend: Backend;
  readonly client: Client;
  readonly startAgents: (count: number, options: Omit<AgentOptions, "client" | "id">) => Promise<ReadonlyArray<Agent>>;
}

/** Runs a benchmark on a fresh leaf, and removes it. */
export const onLeaf = async (
  body: (leaf: Leaf) => Promise<void>,
  options: Partial<BackendOptions> = {},
): Promise<void> => {
  const store = await mkdtemp(join(tmpdir(), "cim-bench-"));
  const scope = Scope.makeUnsafe();
  const ends: Array<() => Promise<unknown>> = [];
  try {
    const running = await Effect.runPromise(
      backend({ store, port: -1, prefix: "cim", agents: false, ...options }).pipe(
        Effect.provideService(Scope.Scope, scope),
      ),
    );
    const open = async (principal: string) => {
      const client = await connect({ servers: running.url, principal });
      ends.push(() => client.close());
      return client;
    };
    const startOne = async (id: string, own: Omit<AgentOptions, "client" | "id">) => {
      const agent = await Agent.make({ ...own, id, client: await open(id) });
      ends.push(() => agent.stop());
      return agent;
    };
    const startAgents: Leaf["startAgents"] = (count, own) =>
      Promise.all(Array.from({ length: count }, (_, index) => startOne(`agent-${index}`, own)));
    await body({ backend: running, client: await open("bench"), startAgents });
  } finally {
    for (const end of ends.reverse()) await end();
    await Effect.runPromise(Scope.close(scope, Exit.void));
    await rm(store, { recursive: true, force: true });
  }
};
