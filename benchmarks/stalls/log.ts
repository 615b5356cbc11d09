import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { aggregateOf } from "../../src/application/aggregate.ts";
import { advance, empty } from "../../src/application/history.ts";
import { newCommit } from "../../src/application/new-commit.ts";
import { atOnce } from "../../src/domain/kernel/mod.ts";
import { task } from "../../src/domain/task/decider.ts";
import { digests } from "../../src/infrastructure/digests.ts";
import { NatsConnection } from "../../src/infrastructure/nats/connection.ts";
import { embeddedServer } from "../../src/infrastructure/nats/embedded-server/mod.ts";
import { encodeCommit } from "../../src/infrastructure/nats/event-store/commits.ts";
import { ensureEventStream } from "../../src/infrastructure/nats/event-store/stream.ts";
import { onLeaf } from "../support/leaf.ts";
import { report } from "../support/measurement.ts";
import { stallsOf } from "./watch.ts";

const commits = 100_000;
const inFlight = 500;
const publishTimeoutMs = 60_000;
const aggregate = aggregateOf(task);

/** The life of tasks that nobody takes, as a backend writes it, without waiting for one commit before the next. */
const fill = Effect.gen(function* () {
  const { js, names } = yield* NatsConnection;
  yield* ensureEventStream();
  const publishing: Array<Promise<unknown>> = [];
  for (let index = 0; index < commits / 2; index++) {
    const id = `task-${index}`;
    const context = { aggregateId: id, principal: "bench", time: new Date(1.7e12 + index).toISOString() };
    let loaded = empty(aggregate);
    for (const [type, payload] of [
      ["submit", { type: "render", requiredCapabilities: ["nobody-has-this"], payload: { note: "x".repeat(200) } }],
      ["cancel", { reason: "no longer needed" }],
    ] as const) {
      const decoded = aggregate.decodePayload(type, payload);
      const commandId = `${type}-${index}`;
      const given = { type, payload: decoded._tag === "Success" ? decoded.success : payload };
      const decision = atOnce(aggregate.decide(given, loaded.state, { ...context, commandId, known: undefined }));
      if (decision._tag === "Failure" || decision.success[0] === undefined) throw new Error(`${commandId} was refused`);
      const request = { aggregate: task.name, id, command: type, audience: "public", payload } as const;
      const commit = Effect.runSync(
        newCommit({ ...request, ...context, commandId }, loaded, [decision.success[0]], digests),
      );
      loaded = advance(aggregate, loaded, { ...commit, position: 2 * index + 1 });
      const subject = names.subjects.event(task.name, id);
      publishing.push(js.publish(subject, atOnce(encodeCommit(commit)), { timeout: publishTimeoutMs }));
    }
    while (publishing.length > inFlight) yield* Effect.promise(async () => publishing.shift());
  }
  yield* Effect.promise(() => Promise.all(publishing));
});

/** A backend that starts on a log of 100,000 commits, and questions about the whole of it. */
export const measureLog = async (): Promise<void> => {
  const store = await mkdtemp(join(tmpdir(), "cim-bench-"));
  const filled = Effect.gen(function* () {
    const { url } = yield* embeddedServer({ store });
    yield* Effect.provide(fill, NatsConnection.layer({ servers: url, prefix: "cim" }));
    const body = onLeaf(
      async (leaf) => {
        const { client } = leaf;
        await leaf.idle();
        report({ name: "start", unit: "ms", value: await leaf.backend.stalled() });
        const measure = await stallsOf(leaf);
        const ask = async (subject: string, input: object) => {
          const answer = await client.nats.request(subject, JSON.stringify(input), { timeout: 600_000 });
          const { ok } = answer.json<{ readonly ok: boolean }>();
          if (!ok) throw new Error(`${subject} was refused: ${answer.string().slice(0, 500)}`);
        };
        await measure("audit-verify", () => ask("cim.qry.audit.verify", {}));
        await measure("audit-trail", () => ask("cim.qry.audit.trail", { actor: "nobody", limit: 10 }));
        await measure("tasks-list", () => ask("cim.qry.tasks.list", { limit: 1_000 }));
      },
      { nats: { servers: url } },
    );
    yield* Effect.promise(() => body);
  });
  try {
    await Effect.runPromise(Effect.scoped(filled));
  } finally {
    await rm(store, { recursive: true, force: true });
  }
};
