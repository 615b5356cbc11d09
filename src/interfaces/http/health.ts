import type { Client } from "../../agents/kit/mod.ts";
import { cloudEventHeaders } from "../../contract/cloud-event.ts";
import { serviceName } from "../../contract/names.ts";

/** What can be known of an installation by its contract. Positions are those of the log. */
export interface Condition {
  /** Whether the nats-server answers. */
  readonly connected: boolean;
  /** The end of the log; undefined if it cannot be read. */
  readonly log: number | undefined;
  /** How far the views of the backend that answered have come. */
  readonly views: number | undefined;
  /** The position of the newest event in the feed. */
  readonly feed: number | undefined;
  /** Why the installation is not ready: nothing if it is. */
  readonly reasons: ReadonlyArray<string>;
}

/** Commits that views and feed may be behind the log in an installation that is ready. */
const mostBehind = 1_000;
/** Milliseconds that each look waits. */
const patience = 2_000;
/** Milliseconds that a condition holds: any number of probes cost one look. */
const freshness = 1_000;

const orUndefined = async <A>(work: Promise<A>): Promise<A | undefined> => {
  const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, patience, undefined).unref());
  return Promise.race([work.catch(() => undefined), timeout]);
};

const behind = (what: string, position: number | undefined, log: number | undefined): ReadonlyArray<string> =>
  position !== undefined && log !== undefined && log - position > mostBehind
    ? [`${what} ${log - position} commits behind the log`]
    : [];

/** Looks at an installation as a foreign client can: connection, backend, log, views, feed. */
export class Health {
  readonly #client: Client;
  #last: { readonly at: number; readonly condition: Promise<Condition> } | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  condition(): Promise<Condition> {
    const now = Date.now();
    if (this.#last === undefined || now - this.#last.at > freshness) this.#last = { at: now, condition: this.#look() };
    return this.#last.condition;
  }

  /** Returns the answers of every backend to a request of service discovery (`$SRV.<verb>.cim`), in a short time. */
  async discovered(verb: "PING" | "STATS"): Promise<ReadonlyArray<unknown>> {
    const { nats } = this.#client;
    const collect = async () => {
      const found: Array<unknown> = [];
      const options = { strategy: "stall", maxWait: 1_000, stall: 200 } as const;
      for await (const answer of await nats.requestMany(`$SRV.${verb}.${serviceName}`, undefined, options))
        if (answer.data.length > 0) found.push(answer.json());
      return found;
    };
    return (await orUndefined(collect())) ?? [];
  }

  async #look(): Promise<Condition> {
    if ((await orUndefined(this.#client.nats.rtt())) === undefined) {
      const reasons = ["the nats-server does not answer: is it up?"];
      return { connected: false, log: undefined, views: undefined, feed: undefined, reasons };
    }
    const [log, backend, feed] = await Promise.all([
      orUndefined(this.#log()),
      orUndefined(this.#backend()),
      orUndefined(this.#feed()),
    ]);
    const views = backend?.position;
    const { events } = this.#client.names.streams;
    const reasons = [
      ...(log === undefined ? [`the log ${events} cannot be read: start a backend with \`cim up\``] : []),
      ...(views === undefined ? ["no backend answers queries: start one with `cim up`, or wait for it"] : []),
      ...(backend?.reason === undefined ? [] : [backend.reason]),
      ...behind("the views are", views, log),
      ...behind("the feed is", feed, log),
    ];
    return { connected: true, log, views, feed, reasons };
  }

  async #log(): Promise<number> {
    const { jetstream, names } = this.#client;
    const manager = await jetstream.jetstreamManager();
    return (await manager.streams.info(names.streams.events)).state.last_seq;
  }

  /** Asks a backend how far its views have come, and why it takes no commands if it takes none. */
  async #backend(): Promise<{ readonly position: number; readonly reason: string | undefined }> {
    const options = { timeoutMs: patience, signal: AbortSignal.timeout(patience) };
    const { position, data } = await this.#client.query("audit", "health", {}, options);
    return { position, reason: data.ready ? undefined : (data.reason ?? "the backend takes no commands") };
  }

  async #feed(): Promise<number> {
    const { jetstream, names } = this.#client;
    const manager = await jetstream.jetstreamManager();
    const newest = await manager.streams.getMessage(names.streams.feed, { last_by_subj: names.subjects.allFeed });
    return Number(newest?.header.get(cloudEventHeaders.sequence) ?? 0);
  }
}
