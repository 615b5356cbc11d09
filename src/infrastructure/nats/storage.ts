import { isApiError } from "./api-errors.ts";
import { NotAcknowledged } from "./publisher.ts";

/** "insufficient resources" and "insufficient storage resources available". */
const outOfRoom: ReadonlyArray<number> = [10023, 10047];
/** Commits without an acknowledgement, one after the other, after which the server is not believed to store any. */
const mostSilent = 2;
/** While the server does not store, one commit is tried in this time, in milliseconds. */
const tryEvery = 5_000;

/**
 * Whether the server stores what it is given. nats-server remembers an error of writing until it is started again: it does
 * not answer for the stream any more, also when there is room. So commits are not waited for in vain: they are refused at
 * once, in words, but for one from time to time.
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

  /** What is wrong; undefined if nothing is known to be. */
  get problem(): string | undefined {
    return this.#told ?? this.#problem;
  }

  /**
   * What is wrong, unless it is time to try again. Nothing is tried while somebody sees the disk: a server whose store is
   * gone still acknowledges, and what it takes may be gone with the store.
   */
  refusal(): string | undefined {
    if (this.#told !== undefined || this.#problem === undefined) return this.#told;
    const now = performance.now();
    if (now - this.#triedAt < tryEvery) return this.problem;
    this.#triedAt = now;
    return undefined;
  }

  /** A commit was stored. */
  stored(): void {
    this.#silent = 0;
    this.#problem = undefined;
  }

  /** A commit was not stored, for this error. */
  failed(error: Error): void {
    const hasNoRoom = outOfRoom.some((code) => isApiError(error, code));
    if (!hasNoRoom && !(error instanceof NotAcknowledged)) return;
    this.#silent += 1;
    if (!hasNoRoom && this.#silent < mostSilent) return;
    this.#triedAt = performance.now();
    this.#problem = `the nats-server ${this.#server()} does not store commits (${error.message}): look at its disk and its log, make room, and start it again, because it remembers an error of writing until then`;
  }

  /** Somebody who sees the disk says what is wrong, or that nothing is. */
  tell(problem: string | undefined): void {
    this.#told = problem;
    if (problem === undefined) this.stored();
  }
}
