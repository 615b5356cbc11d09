import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import type { Role } from "../../src/domain/kernel/mod.ts";
import { grantRoles } from "./authority.ts";
import { type BackendProcess, startBackendIn } from "./backend-process.ts";
import { type TestNats, testNats } from "./nats.ts";

/** A commit as it is in the log. */
export interface LoggedCommit {
  readonly aggregate: string;
  readonly id: string;
  readonly firstVersion: number;
  readonly actor: string;
  readonly commandId: string;
  readonly events: ReadonlyArray<{ readonly type: string; readonly data: Readonly<Record<string, unknown>> }>;
}

export interface DeploymentView {
  readonly status: string;
  readonly hosts: ReadonlyArray<{ readonly id: string; readonly status: string; readonly previous?: string }>;
}

/** An installation as a client sees it. */
export interface Seen {
  readonly client: Client;
  /** Imports examples/five-services.json and requests its deployment to simulated hosts. */
  readonly deploy: (id: string) => Promise<void>;
  /** Waits for the end of a deployment. */
  readonly ended: (id: string) => Promise<DeploymentView>;
  /** Every commit so far. */
  readonly log: () => Promise<ReadonlyArray<LoggedCommit>>;
  /** Resolves when an event of this type is appended from now on. */
  readonly seen: (type: string) => Promise<void>;
}

/** A nats-server and backends as processes of their own, for tests that kill them; and a client that outlives all. */
export interface Installation extends Seen {
  readonly nats: TestNats;
  /** Starts one more backend; arguments of `cim up`. */
  readonly up: (...args: ReadonlyArray<string>) => Promise<BackendProcess>;
  /** Gives principals roles, in the name of the admin; a backend has to be up. */
  readonly grant: (ids: ReadonlyArray<string>, ...roles: ReadonlyArray<Role>) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const example = resolve(import.meta.dirname, "../../examples/five-services.json");
const ends = ["succeeded", "rolled-back", "rollback-incomplete", "failed", "rejected", "cancelled"];

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

/** Watches an installation with a client of its own, which waits a minute for backends that are away. */
export const observe = async (servers: string, prefix: string): Promise<Seen> => {
  const client = await connect({ servers, prefix, principal: "ada", timeoutMs: 60_000 });
  return {
    client,
    log: async () => {
      const consumer = await client.jetstream.consumers.get(`${prefix.toUpperCase()}_EVENTS`);
      const { num_pending: pending } = await consumer.info();
      const commits: Array<LoggedCommit> = [];
      if (pending === 0) return commits;
      for await (const message of await consumer.consume()) {
        commits.push(message.json<LoggedCommit>());
        if (commits.length === pending) break;
      }
      return commits;
    },
    deploy: async (id) => {
      const document = JSON.parse(await readFile(example, "utf8"));
      await client.command("graph", document.id, "import", document);
      await client.command("deployment", id, "request", {
        graph: document.id,
        target: "simulated",
        monitorSeconds: 2,
        timeoutSeconds: 240,
      });
    },
    ended: async (id) => {
      for (;;) {
        const answer = await client.query("deployments", "get", { id }).catch(() => undefined);
        const deployment = answer?.data as DeploymentView | undefined;
        if (deployment !== undefined && ends.includes(deployment.status)) return deployment;
        await sleep(200);
      }
    },
    seen: async (type) => {
      for await (const message of client.nats.subscribe(`${prefix}.evt.>`)) {
        if (message.json<LoggedCommit>().events.some((event) => event.type === type)) return;
      }
    },
  };
};

/** Backends run in `env`. */
export const installation = async (env: NodeJS.ProcessEnv = process.env): Promise<Installation> => {
  const nats = await testNats();
  const seen = await observe(nats.url, nats.prefix);
  const backends: Array<BackendProcess> = [];
  return {
    ...seen,
    nats,
    up: async (...args) => {
      const backend = await startBackendIn(env, "--nats", nats.url, "--prefix", nats.prefix, ...args);
      backends.push(backend);
      return backend;
    },
    grant: (ids, ...roles) => grantRoles({ servers: nats.url, prefix: nats.prefix, timeoutMs: 60_000 }, ids, ...roles),
    dispose: async () => {
      await seen.client.close();
      await Promise.all(backends.map((backend) => backend.kill()));
      await nats.dispose();
    },
  };
};
