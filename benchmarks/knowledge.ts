import { hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Result, type Schema } from "effect";
import * as Y from "yjs";
import { ReplicaState } from "../src/agents/kit/knowledge/replica-state.ts";
import { type Client, connect, type KnowledgeReplica, openReplica } from "../src/agents/kit/mod.ts";
import { aggregateOf } from "../src/application/aggregate.ts";
import { empty } from "../src/application/history.ts";
import { newCommit } from "../src/application/new-commit.ts";
import { conceptSearch } from "../src/domain/knowledge/concept-search.ts";
import { knowledge } from "../src/domain/knowledge/decider.ts";
import { Knowledge } from "../src/domain/knowledge/described.ts";
import { entryOf } from "../src/domain/knowledge/entry.ts";
import { KnowledgeBase } from "../src/domain/knowledge/knowledge-base.ts";
import { matching } from "../src/domain/knowledge/pattern.ts";
import { defaultPolicy } from "../src/domain/knowledge/policy.ts";
import type { KnowledgeRecord } from "../src/domain/knowledge/record.ts";
import type { SpaceState } from "../src/domain/knowledge/state.ts";
import { digests } from "../src/infrastructure/digests.ts";
import { textIndex } from "../src/infrastructure/minisearch/text-index.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";
import { eachOf, median, milliseconds, quantile, quiet, report } from "./support/measurement.ts";

/**
 * How fast knowledge spreads, is found, is joined and is written. Spreading stands beside a bare publish to as many
 * subscribers, writing beside yjs alone.
 */
const others = 10;
const warmUp = 50;
const rounds = 200;
/** Between two measurements, so that what the log, views and feed do with a fact does not count as the next one's way. */
const restMilliseconds = 20;
const searched = 10_000;
const questions = 500;
const joined = 100_000;
const writeRounds = 10;
const perRound = 2_000;

const sha256 = (text: string) => hash("sha256", text);
const words = ["orders", "payment", "mail", "search", "session", "report", "billing", "queue", "stock", "login"];

/** Facts of an installation: services on hosts, what they depend on, and how they are. */
const said = (index: number) => {
  const service = `${words[index % words.length]}-${Math.floor(index / 10)}`;
  switch (index % 3) {
    case 0:
      return { subject: service, predicate: "runs-on", object: `leaf-${index % 97}` };
    case 1:
      return {
        subject: service,
        predicate: "depends-on",
        object: `${words[(index * 7) % words.length]}-${index % 500}`,
      };
    default:
      return { subject: service, predicate: "engine", object: index % 2 === 0 ? "postgresql" : "redis" };
  }
};

const factOf = (index: number): KnowledgeRecord => ({
  ...{ kind: "fact", ...said(index), confidence: 1, author: `agent-${index % 7}` },
  stamp: `${new Date(Date.UTC(2026, 0, 1) + index).toISOString()}-00000`,
});

const measurePropagation = async ({ backend }: Leaf): Promise<void> => {
  const clients: Array<Client> = [];
  const replicas: Array<KnowledgeReplica> = [];
  for (let number = 0; number <= others; number++) {
    const client = await connect({ servers: backend.url, principal: `replica-${number}` });
    clients.push(client);
    replicas.push(await openReplica({ client, space: "spread", log: () => {} }));
  }
  const [writer, ...readers] = replicas;
  const [sender, ...receivers] = clients;
  if (writer === undefined || sender === undefined) throw new Error("there is nobody to write");

  let wanted = "";
  let missing = 0;
  let arrived = () => {};
  for (const reader of readers) {
    let seen = "";
    reader.onChange(() => {
      if (seen === wanted || !reader.knowledge().base.has(wanted)) return;
      seen = wanted;
      missing -= 1;
      if (missing === 0) arrived();
    });
  }
  let number = 0;
  const spread = async () => {
    const all = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    missing = others;
    // What is known only after it was written is set before anyone can have it: messages come in a later turn.
    wanted = writer.assertFact({ subject: `thing-${number++}`, predicate: "is", object: "here" }).id;
    await all;
  };

  let heard = () => {};
  let unheard = 0;
  for (const { nats } of receivers)
    nats.subscribe("bare.spread", {
      callback: () => {
        unheard -= 1;
        if (unheard === 0) heard();
      },
    });
  for (const { nats } of receivers) await nats.flush();
  const payload = JSON.stringify(entryOf(factOf(1), sha256));
  const bare = async () => {
    const all = new Promise<void>((resolve) => {
      heard = resolve;
    });
    unheard = others;
    sender.nats.publish("bare.spread", payload);
    await all;
  };

  await eachOf(warmUp, spread);
  await eachOf(warmUp, bare);
  await writer.synced();
  await quiet();
  const took: Array<number> = [];
  const floor: Array<number> = [];
  for (let round = 0; round < rounds; round++) {
    took.push(await milliseconds(spread));
    await writer.synced();
    await Promise.all(readers.map((reader) => reader.synced(writer.status().version)));
    await sleep(restMilliseconds);
    floor.push(await milliseconds(bare));
    await sleep(restMilliseconds);
  }
  const value = median(took);
  report({ name: "propagate", unit: "ms", value, floor: median(floor), p50: value, p99: quantile(took, 0.99) });
  for (const replica of replicas) await replica.close();
  for (const client of clients) await client.close();
};

const measureQuestions = async (): Promise<void> => {
  const base = new KnowledgeBase();
  const index = textIndex();
  for (let number = 0; number < searched; number++) base.add(entryOf(factOf(number), sha256));
  index.add(
    [...base.facts()].map(({ id, fact: { subject, predicate, object } }) => ({
      ...{ id, subject, predicate, object: String(object), source: "" },
    })),
  );
  const space = new Knowledge(base, { ...defaultPolicy, synonyms: [["database", "postgresql"]] });
  const asked = ["database of billing", "orders-12", "where does mail run", "payment redis", "leaf-42"];
  const search = async (number: number) => {
    conceptSearch(space, index, { question: asked[number % asked.length] ?? "", hops: 2, limit: 20 });
  };
  const pattern = async (number: number) => {
    matching(space, { ...said(number * 17), limit: 100 });
  };
  await eachOf(warmUp, search);
  const searches = await eachOf(questions, search);
  report({
    name: "search",
    unit: "ms",
    value: quantile(searches, 0.99),
    p50: median(searches),
    p99: quantile(searches, 0.99),
  });
  await eachOf(warmUp, pattern);
  const patterns = await eachOf(questions, pattern);
  report({
    name: "pattern",
    unit: "ms",
    value: quantile(patterns, 0.99),
    p50: median(patterns),
    p99: quantile(patterns, 0.99),
  });
};

const versionOf = async (client: Client): Promise<number> => {
  const { data } = await client.query("knowledge", "get", { id: "large" });
  return Number((data as { readonly version: number }).version);
};

/** Until the epochs that so many facts call for have begun. */
const settled = async (client: Client): Promise<number> => {
  for (let last = -1; ; await sleep(2_000)) {
    const version = await versionOf(client);
    if (version === last) return version;
    last = version;
  }
};

/**
 * A space of so many facts, written to the log as the backend writes it, but without waiting for each commit: what is
 * measured is joining, and asking for the facts one by one would take minutes.
 */
const fillSpace = async ({ jetstream }: Client): Promise<void> => {
  let state: SpaceState = knowledge.initial;
  let loaded = { ...empty(aggregateOf(knowledge)) };
  let written: Array<Promise<unknown>> = [];
  for (let index = 0; index < joined; index++) {
    const commandId = `fill-${index}`;
    const time = new Date(Date.UTC(2026, 0, 1) + index).toISOString();
    const command = {
      type: "assert-fact",
      payload: { ...said(index), confidence: 1, source: `event ${index}` },
    } as const;
    const context = { aggregateId: "large", commandId, principal: "bench", time };
    const decided = knowledge.decide(command, state, { ...context, known: { sha256, verify: () => false } });
    const [event] = Result.getOrElse(decided, () => []);
    if (event === undefined) throw new Error(`fact ${index} was refused`);
    state = knowledge.evolve(state, event, { aggregateId: "large", version: index + 1, actor: "bench", time });
    const data: Schema.Json = JSON.parse(JSON.stringify(event.data));
    const request = { aggregate: "knowledge", id: "large", command: command.type, audience: "public" } as const;
    const commit = newCommit(
      { ...request, payload: {}, principal: "bench", commandId, time },
      loaded,
      [{ type: event.type, schemaVersion: 1, data }],
      digests,
    );
    loaded = { ...loaded, version: index + 1, lastCid: commit.events[0].cid };
    written.push(jetstream.publish("cim.evt.knowledge.large", JSON.stringify(commit), { timeout: 60_000 }));
    if (written.length < 200) continue;
    await Promise.all(written);
    written = [];
  }
  await Promise.all(written);
};

const measureJoin = async ({ client, backend }: Leaf): Promise<void> => {
  await fillSpace(client);
  const version = await settled(client);
  const joining = await connect({ servers: backend.url, principal: "joining" });
  let replica: KnowledgeReplica | undefined;
  const took = await milliseconds(async () => {
    replica = await openReplica({ client: joining, space: "large", log: () => {} });
    await replica.synced(version);
  });
  report({ name: "join-100000", unit: "s", value: took / 1000 });
  await replica?.close();
  await joining.close();
};

/** Records that a replica takes while it is cut off, beside a map of yjs that takes as many texts and tells its updates. */
const measureWrites = async (): Promise<void> => {
  const state = new ReplicaState({ author: "bench", sha256, now: () => new Date().toISOString() });
  const document = new Y.Doc();
  let bytes = 0;
  document.on("update", (update: Uint8Array) => {
    bytes += update.length;
  });
  const map = document.getMap("records");
  const text = JSON.stringify(entryOf(factOf(1), sha256));
  const ours: Array<number> = [];
  const bare: Array<number> = [];
  for (let round = -2; round < writeRounds; round++) {
    const first = (round + 2) * perRound;
    const own = await milliseconds(async () => {
      for (let index = first; index < first + perRound; index++)
        state.add({ kind: "fact", ...said(index), confidence: 1, source: `event ${index}`, ...state.provenance() });
    });
    const keys = Array.from({ length: perRound }, (_, index) => sha256(`${first + index}`));
    const floor = await milliseconds(async () => {
      for (const key of keys) map.set(key, text);
    });
    if (round < 0) continue;
    ours.push(own);
    bare.push(floor);
  }
  if (bytes === 0) throw new Error("yjs wrote nothing");
  const perSecond = (took: ReadonlyArray<number>) => (perRound / median(took)) * 1000;
  report({ name: "writes", unit: "facts/s", value: perSecond(ours), floor: perSecond(bare) });
};

await measureWrites();
await measureQuestions();
await onLeaf(measurePropagation);
await onLeaf(measureJoin);
