import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Layer } from "effect";
import { connect, openReplica } from "../../src/agents/kit/mod.ts";
import { digestsLayer } from "../../src/infrastructure/digests.ts";
import { artifactsLayer } from "../../src/infrastructure/nats/artifacts.ts";
import { NatsConnection } from "../../src/infrastructure/nats/connection.ts";
import { embeddedServer } from "../../src/infrastructure/nats/embedded-server/mod.ts";
import { ensureEventStream } from "../../src/infrastructure/nats/event-store/stream.ts";
import { type Leaf, onLeaf } from "../support/leaf.ts";
import { median, milliseconds, report } from "../support/measurement.ts";
import { fillSpace } from "./filled-space.ts";

const facts = 100_000;
const joins = 3;
const space = "large";

const joinOnce = async ({ backend }: Leaf, version: number): Promise<number> => {
  const client = await connect({ servers: backend.url, principal: "joining" });
  const took = await milliseconds(async () => {
    const replica = await openReplica({ client, space, log: () => {} });
    await replica.synced(version);
    await replica.close();
  });
  await client.close();
  return took;
};

/**
 * A new replica of a space of this number of facts: its snapshot, then the rest of the log. The space is in the log
 * before the backend starts and reads it. The measurement begins when the backend is idle.
 */
export const measureJoin = async (): Promise<void> => {
  const store = await mkdtemp(join(tmpdir(), "cim-bench-"));
  const filled = Effect.gen(function* () {
    const { url } = yield* embeddedServer({ store });
    const connection = NatsConnection.layer({ servers: url, prefix: "cim" });
    const ports = artifactsLayer.pipe(Layer.provideMerge(Layer.merge(digestsLayer, connection)));
    const fill = Effect.andThen(ensureEventStream(), fillSpace(space, facts));
    const version = yield* Effect.provide(fill, ports);
    const measure = async (leaf: Leaf) => {
      await leaf.idle();
      const took: Array<number> = [];
      for (let round = 0; round < joins; round++) took.push((await joinOnce(leaf, version)) / 1000);
      // The first replica in a process runs code for the first time, as in an agent that starts.
      report({ name: "join-100000", unit: "s", value: took[0] ?? Number.NaN, p50: median(took) });
    };
    yield* Effect.promise(() => onLeaf(measure, { nats: { servers: url } }));
  });
  try {
    await Effect.runPromise(Effect.scoped(filled));
  } finally {
    await rm(store, { recursive: true, force: true });
  }
};
