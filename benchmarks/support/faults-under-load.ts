import { connect } from "../../src/agents/kit/mod.ts";
import { type Committed, findingsOf, type Told } from "./checked-history.ts";
import type { Cluster, ClusterServer } from "./cluster.ts";
import { beginLoad, randomFrom } from "./mixed-load.ts";

/** Something that goes wrong and is mended again. What it takes by chance follows from the seed. */
export type Fault = (random: () => number) => Promise<void>;

/** Faults by their names. */
export type Faults = Readonly<Record<string, Fault>>;

/** Reads the log as it is. */
const wholeLog = async (servers: ReadonlyArray<string>, prefix: string): Promise<ReadonlyArray<Committed>> => {
  const client = await connect({ servers, prefix, principal: "ada", timeoutMs: 60_000 });
  const consumer = await client.jetstream.consumers.get(client.names.streams.events);
  const { num_pending: pending } = await consumer.info();
  const log: Array<Committed> = [];
  for await (const message of await consumer.consume()) {
    const { events, ...commit } = message.json<Omit<Committed, "events"> & { readonly events: Array<unknown> }>();
    log.push({ ...commit, position: message.seq, events: events.length });
    if (log.length === pending) break;
  }
  await client.close();
  return log;
};

/** What came of it. The seed gives the same load and the same order of faults again. */
export interface Outcome {
  readonly seed: number;
  /** Every command, and how it was answered. */
  readonly told: ReadonlyArray<Told>;
  /** Everything in which the log and the memory of the clients do not fit. */
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
    findings: findingsOf(load.told, load.rereads, await wholeLog(servers, prefix)),
    unanswered: load.told.filter(({ outcome }) => outcome === "unknown"),
  };
};
