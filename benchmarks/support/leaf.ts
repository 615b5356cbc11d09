import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, type AgentOptions, type Client, connect } from "../../src/agents/kit/mod.ts";
import type { BackendOptions } from "../../src/interfaces/backend.ts";
import { type BackendProcess, startBackend } from "./backend-process.ts";
import { quiet } from "./measurement.ts";

/**
 * A whole leaf: an embedded nats-server, a backend and, in this process, a client and agents with connections of their
 * own.
 */
export interface Leaf {
  readonly backend: BackendProcess;
  readonly client: Client;
  /** Connects as somebody else. The connection is closed with the leaf. */
  readonly open: (principal: string) => Promise<Client>;
  /** Waits until the backend is idle: it uses less than a tenth of a second of processor time in a second. */
  readonly idle: () => Promise<void>;
  /** Gives principals the role of voters: what is measured begins after it. */
  readonly makeVoters: (ids: ReadonlyArray<string>) => Promise<void>;
  readonly startAgents: (count: number, options: Omit<AgentOptions, "client" | "id">) => Promise<ReadonlyArray<Agent>>;
}

/** Runs a benchmark on a new leaf and removes the leaf. */
export const onLeaf = async (
  body: (leaf: Leaf) => Promise<void>,
  options: Partial<BackendOptions> = {},
): Promise<void> => {
  const store = await mkdtemp(join(tmpdir(), "cim-bench-"));
  const ends: Array<() => Promise<unknown>> = [];
  try {
    const backend = await startBackend({ store, port: -1, prefix: "cim", agents: false, rate: 0, ...options });
    ends.push(backend.stop);
    const open = async (principal: string) => {
      const client = await connect({ servers: backend.url, principal });
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
    const makeVoters = async (ids: ReadonlyArray<string>) => {
      const admin = await open("admin");
      const left = [...ids];
      const grant = async () => {
        for (let id = left.shift(); id !== undefined; id = left.shift())
          await admin.command("principal", id, "grant", { roles: ["voter"] });
      };
      await Promise.all(Array.from({ length: 16 }, grant));
    };
    const idle = async () => {
      for (let before = await backend.used(), busy = true; busy; ) {
        await quiet();
        const after = await backend.used();
        busy = after - before > 100;
        before = after;
      }
    };
    await body({ backend, client: await open("bench"), open, idle, makeVoters, startAgents });
  } finally {
    for (const end of ends.reverse()) await end();
    await rm(store, { recursive: true, force: true });
  }
};
