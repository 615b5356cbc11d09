import { isHostUnreachable } from "../../contract/hosts.ts";
import { backoff, pause } from "../kit/waiting.ts";

/**
 * Does `work`, and repeats it with growing pauses while the host does not answer, for `seconds` in all. Throws any
 * other error, and the last one.
 */
export const whileReachable = async <T>(seconds: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + seconds * 1000;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const wait = backoff(attempt);
      if (!isHostUnreachable(error) || Date.now() + wait > deadline) throw error;
      await pause(wait, signal);
    }
  }
};
