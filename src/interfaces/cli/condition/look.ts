import { setTimeout as sleep } from "node:timers/promises";
import { type ConsumerInfo, JetStreamApiError, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import { Option, Schema } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import { cloudEventHeaders } from "../../../contract/cloud-event.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { backendsOn } from "../../../infrastructure/nats/backends.ts";
import { bucketValues } from "../../../infrastructure/nats/backup/buckets.ts";
import { unfinishedKey } from "../../../infrastructure/nats/event-store/stream.ts";
import { installationStreams } from "../../../infrastructure/nats/find-streams.ts";
import { allLeases } from "../../../infrastructure/one-lease.ts";
import type { ConsumerFacts, Facts, StreamFacts } from "./facts.ts";

/** What the command line brings along: all that JetStream does not show. */
export type Outside = Pick<
  Facts,
  "durability" | "serverHealth" | "otherServers" | "disks" | "certificates" | "console"
>;

/** Milliseconds in which a backend has to answer. */
const patience = 5_000;
/** Commits that a reader may be behind: of a running backend, and of what is written down from time to time. */
const [liveLag, writtenLag] = [1_000, 10_000];
/** After this time a lease that is between two holders is held again. */
const leaseAgainAfter = 4_000;

const orUndefined = <A>(asked: Promise<A>): Promise<A | undefined> => asked.catch(() => undefined);

const streamFacts = ({ config, state, cluster }: StreamInfo): StreamFacts => ({
  name: config.name,
  config: { ...config },
  messages: state.messages,
  bytes: state.bytes,
  lost: state.lost?.msgs?.length ?? 0,
  replicas: config.num_replicas,
  ...defined({
    cluster:
      cluster?.leader === undefined && cluster?.replicas === undefined
        ? undefined
        : {
            ...defined({ leader: cluster.leader }),
            behind: (cluster.replicas ?? [])
              .filter(({ current, offline }) => offline || !current)
              .map(({ name }) => name),
          },
  }),
});

const consumerFacts = (info: ConsumerInfo, now: number): ConsumerFacts => {
  const { stream_name: stream, name, num_pending, num_ack_pending, num_waiting } = info;
  // The server sends a moment, whatever the client's type says.
  const last = Date.parse(String(info.delivered.last_active));
  return {
    stream,
    name,
    pending: num_pending + num_ack_pending,
    waiting: num_waiting,
    bound: info.push_bound,
    ...defined({ idle: Number.isNaN(last) ? undefined : Math.max(0, now - last) }),
  };
};

/** The durable consumers of agents, of other services and of the timers. Those that agents left are kept without a reader. */
const consumersOf = async (manager: JetStreamManager, { names }: Client, now: number) => {
  const { inbox, feed, timers } = names.streams;
  const found: Array<ConsumerFacts> = [];
  for (const stream of [inbox, feed, timers]) {
    const all = manager.consumers.list(stream);
    const read = async () => {
      for await (const info of all) {
        const { durable_name, inactive_threshold = 0 } = info.config;
        // The progress of deliveries has a consumer only so that it is kept.
        if (durable_name === undefined || inactive_threshold > 0 || durable_name === "progress") continue;
        found.push(consumerFacts(info, now));
      }
    };
    await orUndefined(read());
  }
  return found;
};

const Published = Schema.fromJsonString(Schema.Struct({ position: Schema.Int }));
const decodePublished = Schema.decodeUnknownOption(Published);

/** The position in a checkpoint: of a process manager as a number, of a view in a document. */
const positionIn = (text: string): number | undefined =>
  /^\d+$/.test(text) ? Number(text) : Option.getOrUndefined(decodePublished(text))?.position;

const entriesOf = async ({ jetstream }: Client, bucket: string): Promise<ReadonlyMap<string, string>> => {
  const values = await bucketValues(jetstream, bucket);
  return new Map(values.map(([key, value]) => [key, Buffer.from(value).toString()]));
};

const readersOf = async (client: Client, manager: JetStreamManager): Promise<Facts["readers"]> => {
  const { names } = client;
  const options = { timeoutMs: patience, signal: AbortSignal.timeout(patience) };
  const [live, newest, checkpoints] = await Promise.all([
    orUndefined(client.query("policies", "list", { limit: 1 }, options)),
    orUndefined(manager.streams.getMessage(names.streams.feed, { last_by_subj: names.subjects.allFeed })),
    orUndefined(entriesOf(client, names.buckets.checkpoints)),
  ]);
  const feed = newest?.header.get(cloudEventHeaders.sequence);
  return [
    ...(live === undefined ? [] : [{ name: "the views", position: live.position, mayLag: liveLag }]),
    ...(feed === undefined ? [] : [{ name: "the feed", position: Number(feed), mayLag: liveLag }]),
    ...[...(checkpoints ?? [])].flatMap(([name, text]) => {
      const position = positionIn(text);
      return position === undefined ? [] : [{ name, position, mayLag: writtenLag }];
    }),
  ];
};

/** Whether backends have the leases of the work that one backend at a time does. */
const isWorkHeld = async (client: Client): Promise<boolean> => {
  const held = await orUndefined(entriesOf(client, client.names.buckets.leases));
  return allLeases.every((role) => held?.has(role) === true);
};

const Timed = Schema.fromJsonString(Schema.Struct({ time: Schema.String }));
const decodeTimed = Schema.decodeUnknownOption(Timed);
/** Commits whose times are compared with the server's. */
const compared = 15;

/** Fewer commits show only that one of them was late. */
const enough = 3;

/**
 * The difference between the times in commits and the server's when it stored them. A commit is stored after its time was
 * taken, and a machine may have stood still between the two. So the least late one counts, unless most are ahead.
 */
const commitOffsetOf = async (manager: JetStreamManager, { names }: Client, end: number) => {
  const offsets: Array<number> = [];
  for (let position = end; position > Math.max(0, end - compared); position -= 1) {
    const message = await orUndefined(manager.streams.getMessage(names.streams.events, { seq: position }));
    const commit = message ? Option.getOrUndefined(decodeTimed(message.string())) : undefined;
    const offset = commit && message ? Date.parse(commit.time) - message.time.getTime() : Number.NaN;
    if (!Number.isNaN(offset)) offsets.push(offset);
  }
  offsets.sort((one, other) => one - other);
  const middle = offsets[Math.floor(offsets.length / 2)];
  if (middle === undefined || middle > 0) return middle;
  return offsets.length < enough ? undefined : Math.min(0, offsets.at(-1) ?? 0);
};

/** Milliseconds in which an answer says what time it is. A machine that stands still meanwhile says it too late. */
const quick = 500;
const clockLooks = 4;

const logOf = async (manager: JetStreamManager, { names }: Client) => {
  const look = async () => {
    const asked = Date.now();
    const info = await manager.streams.info(names.streams.events);
    const answered = Date.now();
    return { info, took: Math.abs(answered - asked), middle: (asked + answered) / 2 };
  };
  try {
    let seen = await look();
    for (let time = 1; time < clockLooks && seen.took > quick; time += 1) {
      const again = await look();
      if (again.took < seen.took) seen = again;
    }
    const { info, middle } = seen;
    const moment = Date.parse(info.ts ?? "");
    return {
      log: { end: info.state.last_seq, ...defined({ unfinished: info.config.metadata?.[unfinishedKey] }) },
      offset: Number.isNaN(moment) || seen.took > quick ? undefined : moment - middle,
    };
  } catch (error) {
    if (error instanceof JetStreamApiError) return { log: undefined, offset: undefined };
    throw error;
  }
};

/**
 * Looks at an installation, as a client of its server that may read its streams. What does not answer in time is absent.
 */
export const lookAt = async (client: Client, outside: Outside): Promise<Facts> => {
  const { nats, names, jetstream } = client;
  const manager = await jetstream.jetstreamManager();
  const now = Date.now();
  const options = { timeoutMs: patience, signal: AbortSignal.timeout(patience) };
  const [account, streams, consumers, backends, health, readers] = await Promise.all([
    orUndefined(manager.getAccountInfo()),
    installationStreams(manager, names.prefix),
    consumersOf(manager, client, now),
    backendsOn(nats, names.prefix),
    orUndefined(client.query("audit", "health", {}, options)),
    readersOf(client, manager),
  ]);
  let workHeld = await isWorkHeld(client);
  if (backends.length > 0 && !workHeld) {
    await sleep(leaseAgainAfter);
    workHeld = await isWorkHeld(client);
  }
  // Last, so that no reader is further than the log only because it was asked later.
  const { log, offset } = await logOf(manager, client);
  const { max_storage: total = -1 } = account?.limits ?? {};
  const used = account?.storage ?? 0;
  return {
    ...outside,
    prefix: names.prefix,
    server: {
      url: `nats://${nats.getServer()}`,
      version: nats.info?.version ?? "",
      maxPayload: nats.info?.max_payload ?? 0,
      servers: Math.max(1, nats.info?.cluster === undefined ? 1 : (nats.info.connect_urls?.length ?? 1)),
      ...defined({ offset }),
    },
    disks: [...(total > 0 ? [{ what: "the account's storage", used, total }] : []), ...outside.disks],
    streams: streams.map(streamFacts),
    consumers,
    backends,
    readers,
    workHeld,
    now,
    ...defined({ health: health?.data, log, commitOffset: await commitOffsetOf(manager, client, log?.end ?? 0) }),
  };
};
