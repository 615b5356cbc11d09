import { setTimeout } from "node:timers/promises";
import { deferred } from "./deferred.ts";

/** Waits; ends early, without an error, when `signal` aborts. */
export const pause = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
};

/**
 * The wait before attempt `attempt` (from 1): 100 ms, doubled each time, at most 5 s, less up to a fifth at random. Whole
 * milliseconds: a server takes no notice of a part of a nanosecond, nor of the pause that has one.
 */
export const backoff = (attempt: number): number =>
  Math.round(Math.min(5_000, 100 * 2 ** Math.min(attempt - 1, 10)) * (1 - Math.random() / 5));

/** What `promise` gives, or an error as soon as `signal` aborts; the promise is left to itself then. */
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
