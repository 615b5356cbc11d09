import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Effect, Exit, Layer, Scope } from "effect";
import { connect } from "../../../../../src/agents/kit/mod.ts";
import { verify } from "../../../../../src/application/operations/verify/mod.ts";
import { EventStore } from "../../../../../src/application/ports/mod.ts";
import { digestsLayer } from "../../../../../src/infrastructure/digests.ts";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { embeddedServer } from "../../../../../src/infrastructure/nats/embedded-server/mod.ts";
import { eventStoreLayer } from "../../../../../src/infrastructure/nats/event-store/mod.ts";
import { backend } from "../../../../../src/interfaces/backend.ts";
import { grantRoles } from "../../../../support/authority.ts";

/** A store with a vote in it, that nothing runs on any more. */
let folder: string;
let end = 0;

const inScope = async <A>(body: (scope: Scope.Scope) => Promise<A>): Promise<A> => {
  const scope = Scope.makeUnsafe();
  try {
    return await body(scope);
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void));
  }
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-tampered-"));
  await inScope(async (scope) => {
    const options = { store: join(folder, "store"), port: -1, prefix: "cim", agents: false };
    const { url } = await Effect.runPromise(backend(options).pipe(Effect.provideService(Scope.Scope, scope)));
    const client = await connect({ servers: url, principal: "ada" });
    await grantRoles({ servers: url }, ["ada", "bob"], "voter");
    const matter = { kind: "test", title: "t", subject: {}, electorate: ["ada", "bob"], votingSeconds: 600 };
    for (const id of ["p1", "p2", "p3"]) {
      await client.command("proposal", id, "submit", matter);
      await client.command("proposal", id, "vote", { choice: "approve", reason: "fine" });
    }
    // What the installation itself has to say comes a little later. A log that is cut off at its end is intact up to there.
    const { streams } = await client.jetstream.jetstreamManager();
    const last = async () => (await streams.info("CIM_EVENTS")).state.last_seq;
    for (let before = -1; before !== end; end = await last()) {
      before = end;
      await new Promise((wake) => setTimeout(wake, 1_000));
    }
    await client.close();
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The files with the log's messages in a store. */
const blocksIn = async (store: string): Promise<ReadonlyArray<string>> =>
  (await readdir(store, { recursive: true }))
    .filter((path) => path.includes("CIM_EVENTS") && path.endsWith(".blk"))
    .map((path) => join(store, path));

/** What the audit says about a copy of the store, after a change of it. */
const audited = (tamper: (store: string) => Promise<void>) =>
  inScope(async (scope) => {
    const store = await mkdtemp(join(folder, "copy-"));
    await cp(join(folder, "store"), store, { recursive: true });
    await tamper(store);
    const server = await Effect.runPromise(
      embeddedServer({ store, port: -1 }).pipe(Effect.provideService(Scope.Scope, scope)),
    );
    const log = eventStoreLayer().pipe(
      Layer.provide(NatsConnection.layer({ servers: server.url, prefix: "cim" })),
      Layer.merge(digestsLayer),
    );
    return Effect.gen(function* () {
      const { readAll } = yield* EventStore;
      return yield* verify(readAll(0), { seen: [{ by: "whoever voted last", position: end }] });
    }).pipe(Effect.provide(log), Effect.runPromise);
  });

test("a copy of a store that nobody touched is in order", async () => {
  expect(await audited(async () => undefined)).toMatchObject({ ok: true, findings: [] });
});

test.each([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])(
  "a bit that flips in the log's file, %d of its length in, is found",
  async (share) => {
    const found = await audited(async (store) => {
      const blocks = await blocksIn(store);
      expect(blocks.length).toBeGreaterThan(0);
      for (const block of blocks) {
        const bytes = await readFile(block);
        const at = Math.floor(bytes.length * share);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        await writeFile(block, bytes);
      }
    });
    expect(found.ok).toBe(false);
    expect(found.first?.problem).not.toBe("");
  },
);
