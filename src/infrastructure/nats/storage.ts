import { isApiError } from "./api-errors.ts";
import { NotAcknowledged } from "./publisher.ts";

/** "insufficient resources" and "insufficient storage resources available". */
const outOfRoom: ReadonlyArray<number> = [10023, 10047];
/** After this number of commits in a row without acknowledgement, the server counts as not storing. */
const mostSilent = 2;
/** While the server does not store, one commit is tried in each period of this length, in milliseconds. */
const tryEvery = 5_000;

/**
 * Whether the server stores commits. nats-server remembers a write error until it is restarted. Even when there is room
 * again, it does not answer for the stream. Without this class, each command would wait for an acknowledgement that
 * never comes. So commits are refused at once with the reason, except for one from time to time that tests the server.
 */
export class Storage {
  readonly #server: () => string;
  #silent = 0;
  #problem: string | undefined;
  #told: string | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;

  /** `server` names it in messages. */
  constructor(server: () => string) {
    this.#server = server;
  }

  /** The known problem; undefined if there is none. */
  get problem(): string | undefined {
    return this.#told ?? this.#problem;
  }

  /**
   * Returns the problem, unless it is time for another attempt. If the store watch has reported a problem, there are no
   * attempts: a server whose store is gone still acknowledges, and those commits may be lost with the store.
   */
  refusal(): string | undefined {
    if (this.#told !== undefined || this.#problem === undefined) return this.#told;
    const now = performance.now();
    if (now - this.#triedAt < tryEvery) return this.problem;
    this.#triedAt = now;
    return undefined;
  }

  /** Reports that a commit was stored. */
  stored(): void {
    this.#silent = 0;
    this.#problem = undefined;
  }

  /** Reports that a commit was not stored because of this error. */
  failed(error: Error): void {
    const hasNoRoom = outOfRoom.some((code) => isApiError(error, code));
    if (!hasNoRoom && !(error instanceof NotAcknowledged)) return;
    this.#silent += 1;
    if (!hasNoRoom && this.#silent < mostSilent) return;
    this.#triedAt = performance.now();
    this.#problem = `the nats-server ${this.#server()} does not store commits (${error.message}): check its disk and its log, free space, and restart it, because it remembers a write error until then`;
  }

  /** Reports a problem of the disk, or its end with undefined. The store watch of the embedded server calls it. */
  tell(problem: string | undefined): void {
    this.#told = problem;
    if (problem === undefined) this.stored();
  }
}
