import { expect, test } from "@jest/globals";
import { Effect, Layer, Option, References } from "effect";
import { storeSnapshot } from "../../../src/application/epoch-snapshots.ts";
import { KnowledgeSpaces } from "../../../src/application/knowledge-spaces.ts";
import {
  Artifacts,
  type Digests,
  EventStore,
  type NewCommit,
  type TextIndexes,
} from "../../../src/application/ports/mod.ts";
import { knowledgeEpochs } from "../../../src/application/processes/knowledge-epochs.ts";
import { knowledge } from "../../../src/domain/knowledge/decider.ts";
import { digestsLayer } from "../../../src/infrastructure/digests.ts";
import { memoryEventStoreLayer } from "../../../src/infrastructure/memory/event-store.ts";
import { textIndexesLayer } from "../../../src/infrastructure/minisearch/text-indexes.ts";
import { assert, type Event, space } from "../domain/knowledge/fixtures.ts";
import { recorder } from "./recorded.ts";

/** Appends events to a log, each a commit of its own. */
const append = Effect.fnUntraced(function* (id: string, events: ReadonlyArray<Event>) {
  const store = yield* EventStore;
  let last = (yield* store.read("knowledge", id)).at(-1);
  for (const { type, data } of events) {
    const firstVersion = (last?.firstVersion ?? 0) + 1;
    const commit: NewCommit = {
      aggregate: "knowledge",
      id,
      firstVersion,
      command: "test",
      commandId: `c${firstVersion}`,
      actor: "ada",
      time: "2026-01-01T12:00:00.000Z",
      correlationId: "test",
      events: [{ type, schemaVersion: 1, data: JSON.parse(JSON.stringify(data)), cid: `cid-${firstVersion}` }],
    };
    last = { ...commit, position: yield* store.append(commit, last?.position ?? 0) };
  }
});

/** A log, an object store that a test can damage, and spaces that begin with an empty memory each time. */
const inStore = (
  test: Effect.Effect<void, unknown, EventStore | Artifacts | Digests | TextIndexes | KnowledgeSpaces>,
  stored = new Map<string, string>(),
) => {
  const artifacts = Layer.succeed(Artifacts, {
    put: (digest, text) =>
      Effect.sync(() => void stored.set(digest, typeof text === "string" ? text : new TextDecoder().decode(text))),
    has: (digest) => Effect.sync(() => stored.has(digest)),
    get: (digest) => Effect.sync(() => Option.fromUndefinedOr(stored.get(digest))),
  });
  const ports = Layer.mergeAll(memoryEventStoreLayer, artifacts, digestsLayer, textIndexesLayer);
  return test.pipe(
    Effect.orDie,
    Effect.provide(KnowledgeSpaces.layer.pipe(Layer.provideMerge(ports))),
    Effect.provideService(References.MinimumLogLevel, "None"),
    Effect.runPromise,
  );
};

const fresh = <A, E, R>(use: Effect.Effect<A, E, R>) => Effect.provide(use, Layer.fresh(KnowledgeSpaces.layer));

const team = () => {
  const one = space();
  for (let number = 0; number < 20; number++) one.give(assert(`s${number}`, "is", number));
  return one;
};

const read = (published?: Parameters<KnowledgeSpaces["Service"]["read"]>[1]) =>
  Effect.flatMap(KnowledgeSpaces, (spaces) => spaces.read("team", published));

test.each(["whole", "damaged", "missing"])("a space is the same from a snapshot that is %s", (condition) => {
  const stored = new Map<string, string>();
  const one = team();
  return inStore(
    Effect.gen(function* () {
      yield* append("team", one.events);
      const before = yield* read();
      const snapshot = yield* storeSnapshot(before);
      expect(snapshot).toMatchObject({ records: 20, version: 20, position: 20, content: one.state().content });
      const [chunk = ""] = snapshot.chunks;
      if (condition === "missing") stored.delete(chunk);
      if (condition === "damaged") stored.set(chunk, stored.get(chunk)?.replace("s3", "s4") ?? "");
      one.give(assert("later", "is", "there"));
      yield* append("team", one.events.slice(20));
      const published = { position: 21, content: one.state().content, snapshot };
      const after = yield* fresh(read(published));
      expect(after.now.base.content).toBe(one.state().content);
      expect([...after.now.base.match({ subject: "s3" })].map(({ fact: { object } }) => object)).toEqual([3]);
      expect([after.version, after.position]).toEqual([21, 21]);
    }),
    stored,
  );
});

test("what is in memory and differs from what is published is read again", () =>
  inStore(
    Effect.gen(function* () {
      const one = team();
      yield* append("team", one.events);
      const damaged = yield* read();
      damaged.add({
        position: 20,
        time: "",
        entry: {
          id: "f".repeat(64),
          record: {
            kind: "fact",
            subject: "a",
            predicate: "b",
            object: "c",
            confidence: 1,
            author: "mallory",
            stamp: "",
          },
        },
      });
      const again = yield* read({ position: 20, content: one.state().content });
      expect(again.now.base.content).toBe(one.state().content);
    }),
  ));

test("an epoch is due after five thousand records, and then when a space has grown by a quarter", () => {
  const recorded = recorder();
  const [event] = team().events;
  if (event === undefined) throw new Error("no event");
  let state = knowledgeEpochs.initial;
  const due: Array<number> = [];
  for (let count = 1; count <= 40_000; count++) {
    const next = recorded(knowledge, "team", event);
    state = knowledgeEpochs.evolve(state, next);
    const [action] = knowledgeEpochs.react(state, next);
    if (action === undefined) continue;
    due.push(count);
    const snapshot = { chunks: [], records: count, content: "0".repeat(64), version: count, position: count };
    const started = recorded(knowledge, "team", { type: "epoch-started", data: { epoch: due.length + 1, snapshot } });
    state = knowledgeEpochs.evolve(state, started);
  }
  expect(due).toEqual([5_000, 10_000, 15_000, 20_000, 25_000, 31_250, 39_063]);
});
