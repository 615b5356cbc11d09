import { isHostUnreachable, isShut, type TargetHost } from "../../contract/hosts.ts";
import { backoff, pause } from "../kit/waiting.ts";

/**
 * Does `work`, and repeats it with growing pauses while the host does not answer, for `seconds` from the first time that it
 * did not. Work that is cut off after a long time is therefore tried again. Throws any other error, and the last one.
 */
export const whileReachable = async <T>(seconds: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  let deadline: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      deadline ??= Date.now() + seconds * 1000;
      const wait = backoff(attempt);
      if (!isHostUnreachable(error) || Date.now() + wait > deadline) throw error;
      await pause(wait, signal);
    }
  }
};

/**
 * The new way to a host that was reached otherwise `before`. Its key is the one that is known from there: whoever answers
 * with another key is not this host.
 */
export const newWay = <H extends TargetHost>(host: H, before: TargetHost | undefined): H => {
  if (before === undefined) return host;
  const { address, ssh } = before;
  const knownAs = ssh?.port === undefined || ssh.port === 22 ? address : `[${address}]:${ssh.port}`;
  return { ...host, knownAs };
};

/** The ways by which a host may be reached. */
export type Ways = readonly [TargetHost, ...ReadonlyArray<TargetHost>];

/**
 * Does `work` over the first way to a host that is open. Throws the error of the first way if all are shut. While the way
 * to a host changes, an activation may have come through or not: nobody can know which way is open.
 */
export const overOneOf = async <T>([first, ...others]: Ways, work: (way: TargetHost) => Promise<T>): Promise<T> => {
  try {
    return await work(first);
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined || !isShut(error)) throw error;
    return overOneOf([next, ...rest], work).catch((later: unknown) => {
      throw isShut(later) ? error : later;
    });
  }
};
