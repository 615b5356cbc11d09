import { setTimeout as sleep } from "node:timers/promises";
import type { JsMsg } from "@nats-io/jetstream";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import { cloudEventHeaders } from "../../src/contract/cloud-event.ts";
import {
  type Committed,
  type Fed,
  findingsInFeed,
  findingsInViews,
  findingsOf,
  type Told,
  type Viewed,
} from "./checked-history.ts";
import type { Cluster, ClusterServer } from "./cluster.ts";
import { beginLoad, type MixedLoad, randomFrom } from "./mixed-load.ts";

/** Something that goes wrong and is mended again. What it takes by chance follows from the seed. */
export type Fault = (random: () => number) => Promise<void>;

/** Faults by their names. */
export type Faults = Readonly<Record<string, Fault>>;

/** Reads all messages of a stream as it is. */
const wholeStream = async <A>(
  { jetstream }: Client,
  stream: string,
  take: (message: JsMsg) => A,
): Promise<Array<A>> => {
  const consumer = await jetstream.consumers.get(stream);
  const { num_pending: pending } = await consumer.info();
  const all: Array<A> = [];
  if (pending === 0) return all;
  for await (const message of await consumer.consume()) {
    all.push(take(message));
    if (all.length === pending) break;
  }
  return all;
};

const committed = (message: JsMsg): Committed => {
  const { events, ...commit } = message.json<Omit<Committed, "events"> & { readonly events: Array<unknown> }>();
  return { ...commit, position: message.seq, events: events.length };
};

const fed = ({ headers }: JsMsg): Fed => ({
  eventId: headers?.get(cloudEventHeaders.id) ?? "",
  position: Number(headers?.get(cloudEventHeaders.sequence)),
});

/** Waits until the feed has come to the end of the log, and reads it. */
const wholeFeed = async (client: Client, end: number): Promise<ReadonlyArray<Fed>> => {
  for (;;) {
    const feed = await wholeStream(client, client.names.streams.feed, fed);
    if ((feed.at(-1)?.position ?? 0) >= end) return feed;
    await sleep(200);
  }
};

/** Compares the log with everything that was said and made of it: answers, feed, views, and its own seals. */
const findingsAfter = async (servers: ReadonlyArray<string>, prefix: string, load: MixedLoad) => {
  const client = await connect({ servers, prefix, principal: "ada", timeoutMs: 60_000 });
  try {
    const log = await wholeStream(client, client.names.streams.events, committed);
    const end = log.at(-1)?.position ?? 0;
    const ids = new Set(log.filter(({ aggregate }) => aggregate === "graph").map(({ id }) => id));
    const views: Array<Viewed> = [];
    for (const id of ids) {
      const { data } = await client.query("graphs", "get", { id }, { minPosition: end });
      views.push({ aggregate: "graph", id, version: data.version });
    }
    const { data: audit } = await client.query("audit", "verify", {});
    return [
      ...findingsOf(load.told, load.rereads, log),
      ...findingsInFeed(log, await wholeFeed(client, end)),
      ...findingsInViews(log, views),
      ...(audit.ok ? [] : [`not verified: ${JSON.stringify(audit)}`]),
    ];
  } finally {
    await client.close();
  }
};

/** What came of it. The seed gives the same load and the same order of faults again. */
export interface Outcome {
  readonly seed: number;
  /** Every command, and how it was answered. */
  readonly told: ReadonlyArray<Told>;
  /** Everything in which the log, the memory of the clients, the feed and the views do not fit. */
  readonly findings: ReadonlyArray<string>;
  /** Commands that were not answered. With the kit's retries callers see a delay and no error. */
  readonly unanswered: ReadonlyArray<Told>;
}

/**
 * Has faults happen one after another in a cluster under load, in an order that follows from a seed: each once, and again
 * until the given seconds are over.
 */
export const faultsUnderLoad = async <Server extends ClusterServer>(
  cluster: Cluster<Server>,
  prefix: string,
  faults: Faults,
  seconds = 0,
): Promise<Outcome> => {
  const seed = Number(process.env.CIM_SEED ?? Math.floor(Math.random() * 1e6));
  console.error(`seed ${seed}: CIM_SEED=${seed} does it again`);
  const servers = cluster.servers.map(({ url }) => url);
  const load = await beginLoad(servers, prefix, seed);
  const random = randomFrom(seed);
  const until = performance.now() + seconds * 1_000;
  do {
    const order = Object.values(faults)
      .map((happens) => ({ happens, at: random() }))
      .toSorted((left, right) => left.at - right.at);
    for (const { happens } of order) {
      await happens(random);
      await load.goesOn();
      await cluster.whole();
    }
  } while (performance.now() < until);
  await load.stop();
  return {
    seed,
    told: load.told,
    findings: await findingsAfter(servers, prefix, load),
    unanswered: load.told.filter(({ outcome }) => outcome === "unknown"),
  };
};
