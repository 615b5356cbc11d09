import { setTimeout as sleep } from "node:timers/promises";
import { type Client, connect, type KnowledgeReplica, openReplica } from "../../src/agents/kit/mod.ts";
import { entryOf } from "../../src/domain/knowledge/record.ts";
import type { Leaf } from "../support/leaf.ts";
import { eachOf, median, milliseconds, quantile, quiet, report } from "../support/measurement.ts";
import { factOf, sha256 } from "./facts.ts";

const others = 10;
const warmUp = 50;
const rounds = 200;
/** Pause between two measurements, so that the work of log, views and feed for a fact does not delay the next one. */
const restMilliseconds = 20;

/** From a fact's assertion at one replica until ten others show it, compared with a bare publish to ten subscribers. */
export const measurePropagation = async ({ backend }: Leaf): Promise<void> => {
  const clients: Array<Client> = [];
  const replicas: Array<KnowledgeReplica> = [];
  for (let number = 0; number <= others; number++) {
    const client = await connect({ servers: backend.url, principal: `replica-${number}` });
    clients.push(client);
    replicas.push(await openReplica({ client, space: "spread", log: () => {} }));
  }
  const [writer, ...readers] = replicas;
  const [sender, ...receivers] = clients;
  if (writer === undefined || sender === undefined) throw new Error("there is no replica to write with");

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
    // This is set before any replica can have the fact, because messages arrive in a later turn of the event loop.
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
