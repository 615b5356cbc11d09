import { setTimeout } from "node:timers/promises";

/** Waits. Ends early, without an error, when `signal` aborts. */
export const pause = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
};

/**
 * Returns the milliseconds before attempt `attempt` (from 1): 100 ms, doubled each time, at most `longest` (5 s), less up to
 * a fifth at random. Whole milliseconds, because a server ignores a pause whose nanoseconds are not whole.
 */
export const backoff = (attempt: number, longest = 5_000): number =>
  Math.round(Math.min(longest, 100 * 2 ** Math.min(attempt - 1, 10)) * (1 - Math.random() / 5));

/** Resolves as `promise` does, or rejects as soon as `signal` aborts. The promise then goes on unobserved. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return promise;
  const aborted = deferred<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** As `Promise.withResolvers`, which Node 20 does not have. */
export const deferred = <T = void>(): Deferred<T> => {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((settle, refuse) => {
    resolve = settle;
    reject = refuse;
  });
  return { promise, resolve, reject };
};
