import { JetStreamApiCodes, type StreamInfo } from "@nats-io/jetstream";
import { messageOf } from "../message-of.ts";
import { isApiError } from "./api-errors.ts";

/** How often a backend on a cluster looks whether it reaches the log, and how often while it does not. */
const lookEveryMs = 1_000;
const lookAgainMs = 250;
/** Looks in a row that must fail, unless a write has failed too: one late answer is no failure. */
const failedLooks = 2;

/**
 * Nanoseconds for which a replica may be silent. Each answers its leader once a second. A leader that was cut off believes
 * for ten seconds that it still leads, and answers reads with what it has. The others elect a new one after four seconds
 * of silence at the earliest. So two looks must find it out before that: otherwise decisions rest on what is old.
 */
const silentFor = 2_500_000_000;

/** Why the leader of a stream cannot write, or may be deposed; undefined if it leads. */
export const lackOf = ({ cluster }: StreamInfo): string | undefined => {
  if (cluster === undefined) return undefined;
  if ((cluster.leader ?? "") === "") return "it has no leader";
  const { replicas = [] } = cluster;
  const there =
    1 + replicas.filter(({ current, offline, active }) => current && offline !== true && active < silentFor).length;
  return there * 2 > replicas.length + 1 ? undefined : "its leader has lost the other replicas";
};

/**
 * Whether the log can be written from here.
 *
 * A backend may be connected to a nats-server that has lost the rest of its cluster, or whose cluster is electing a
 * leader. Requests would still come to it, in its share of the queue group, and each would wait for an acknowledgement
 * that does not come. So a write that was not acknowledged makes this look at the log's leader, and on a cluster it looks
 * every second by itself. While the log cannot be reached, requests are refused at once; see `serveRequests`.
 */
export class LogReach {
  readonly #look: () => Promise<StreamInfo>;
  readonly #isClustered: boolean;
  readonly #listeners = new Set<() => void>();
  #failures = 0;
  #doubted = false;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #ended = false;
  #trouble: string | undefined;

  /** `look` asks the log's leader for the state of its stream. */
  constructor(look: () => Promise<StreamInfo>, isClustered: boolean) {
    this.#look = look;
    this.#isClustered = isClustered;
    if (isClustered) this.#lookAfter(lookEveryMs);
  }

  /** Why the log cannot be reached; undefined while it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** A write was not acknowledged. */
  doubt(): void {
    this.#doubted = true;
    this.#lookAfter(0);
  }

  /**
   * No server took a write: a replicated log has no leader then. Whoever asks is told at once, and does not wait for a look
   * that nobody answers. For a single server, a missing stream is for others to mend.
   */
  noTaker(): void {
    if (!this.#isClustered) return;
    this.#failures = failedLooks;
    this.#become("it has no leader");
    this.#lookAfter(lookAgainMs);
  }

  /** Calls `listener` when the log cannot be reached any more, and when it can again. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #lookAfter(milliseconds: number): void {
    if (this.#ended || this.#looking) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#lookOnce(), milliseconds).unref();
  }

  async #lookOnce(): Promise<void> {
    const doubted = this.#doubted;
    this.#doubted = false;
    this.#looking = true;
    const lack = await this.#look().then(lackOf, (error) =>
      // That there is no log is for others to say.
      isApiError(error, JetStreamApiCodes.StreamNotFound) ? undefined : messageOf(error),
    );
    this.#looking = false;
    this.#failures = lack === undefined ? 0 : this.#failures + 1;
    if (lack === undefined) this.#become(undefined);
    else if (doubted || this.#failures >= failedLooks) this.#become(lack);
    if (lack !== undefined || this.#doubted) this.#lookAfter(lookAgainMs);
    else if (this.#isClustered) this.#lookAfter(lookEveryMs);
  }

  #become(trouble: string | undefined): void {
    const changes = (trouble === undefined) !== (this.#trouble === undefined);
    this.#trouble = trouble;
    if (changes) for (const listener of [...this.#listeners]) listener();
  }
}
