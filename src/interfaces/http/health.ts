import type { Client } from "../../agents/kit/mod.ts";
import { cloudEventHeaders } from "../../contract/cloud-event.ts";
import { serviceName } from "../../contract/names.ts";
import type { LogHealth } from "../../contract/views/audit.ts";

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
  /** What the backend that answered says of the log; undefined if none did. */
  readonly health: LogHealth | undefined;
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
      return { connected: false, log: undefined, views: undefined, feed: undefined, health: undefined, reasons };
    }
    const [log, views, feed, health] = await Promise.all([
      orUndefined(this.#log()),
      orUndefined(this.#views()),
      orUndefined(this.#feed()),
      orUndefined(this.#health()),
    ]);
    const notReady = health?.ready === false ? (health.reason ?? "the backend takes no commands") : undefined;
    const { events } = this.#client.names.streams;
    const reasons = [
      ...(log === undefined ? [`the log ${events} cannot be read: start a backend with \`cim up\``] : []),
      ...(views === undefined && notReady === undefined
        ? ["no backend answers queries: start one with `cim up`, or wait for it"]
        : []),
      ...(notReady === undefined ? [] : [notReady]),
      ...behind("the views are", views, log),
      ...behind("the feed is", feed, log),
    ];
    return { connected: true, log, views, feed, health, reasons };
  }

  /** Asks a backend whether it is ready, and what it has seen in the log. */
  async #health(): Promise<LogHealth> {
    const options = { timeoutMs: patience, signal: AbortSignal.timeout(patience) };
    return (await this.#client.query("audit", "health", {}, options)).data;
  }

  async #log(): Promise<number> {
    const { jetstream, names } = this.#client;
    const manager = await jetstream.jetstreamManager(false);
    return (await manager.streams.info(names.streams.events)).state.last_seq;
  }

  async #views(): Promise<number> {
    const options = { timeoutMs: patience, signal: AbortSignal.timeout(patience) };
    return (await this.#client.query("policies", "list", { limit: 1 }, options)).position;
  }

  async #feed(): Promise<number | undefined> {
    const { jetstream, names, isPeer } = this.#client;
    // A peer of a closed installation reads no single messages.
    if (isPeer) return undefined;
    const manager = await jetstream.jetstreamManager(false);
    const newest = await manager.streams.getMessage(names.streams.feed, { last_by_subj: names.subjects.allFeed });
    return Number(newest?.header.get(cloudEventHeaders.sequence) ?? 0);
  }
}
