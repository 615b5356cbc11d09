import { JetStreamApiCodes, type StreamInfo } from "@nats-io/jetstream";
import { messageOf } from "../message-of.ts";
import { isApiError } from "./api-errors.ts";

/** How often a backend on a cluster checks whether it reaches the log: usually, and while it does not. */
const lookEveryMs = 1_000;
const lookAgainMs = 250;
/** The checks in a row that must fail, unless a write has also failed. One late answer is not a failure. */
const failedLooks = 2;

/**
 * The nanoseconds for which a replica may be silent. Each replica answers its leader once a second. A leader that was
 * cut off believes for 10 s that it still leads, and answers reads from its old state. The others elect a new leader
 * after 4 s of silence at the earliest. So two checks must notice the silence before that. Otherwise commands would be
 * decided on an old state.
 */
const silentFor = 2_500_000_000;

/** Returns why the leader of a stream cannot write, or may be deposed; undefined if it leads. */
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
 * leader. The failure that this prevents: the backend still gets its share of the requests of the queue group, and each
 * waits for an acknowledgement that never comes. So a write without acknowledgement starts a check of the log's leader.
 * On a cluster, a check also runs every second. While the log cannot be reached, requests are refused at once; see
 * `serveRequests`.
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

  /** Reports that a write was not acknowledged. */
  doubt(): void {
    this.#doubted = true;
    this.#lookAfter(0);
  }

  /**
   * Reports that no server took a write: a replicated log has no leader then. Requests are refused at once, and do not
   * wait for a check that no server answers. On a single server this does nothing: `kept-streams.ts` handles a missing
   * stream.
   */
  noTaker(): void {
    if (!this.#isClustered) return;
    this.#failures = failedLooks;
    this.#become("it has no leader");
    this.#lookAfter(lookAgainMs);
  }

  /** Calls `listener` when the log is out of reach, and when it is back. Returns a function that stops this. */
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
      // A missing log is not reported here: `kept-streams.ts` does that.
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
