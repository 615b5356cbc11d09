import { Context } from "effect";
import { rateLimitedReason } from "../contract/envelope.ts";
import { CommandError } from "./command-error.ts";

/** The rate of one principal's commands: `perSecond` permanently, and `burst` at once after a silence. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Seconds of silence after which the full burst is available. */
const burstSeconds = 10;

/** Agents that carry out deployments have a higher rate, because they report every step of every host. */
const ofWorkers = 10;

/** The default of one principal's commands per second. */
export const defaultPerSecond = 100;

/**
 * The commands per second that one principal may give to this backend; undefined for no limit. It is kept in memory by
 * each backend, because it only protects that backend's time and decides nothing.
 */
export const CommandRate = Context.Reference<number | undefined>("cim/application/CommandRate", {
  defaultValue: () => undefined,
});

/** Returns the rate of a principal with these roles. */
export const rateOf = (perSecond: number, roles: ReadonlySet<string>): Rate => {
  const own = roles.has("deployer") || roles.has("monitor") ? perSecond * ofWorkers : perSecond;
  return { perSecond: own, burst: Math.max(1, own * burstSeconds) };
};

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** The number of buckets that are kept. The least recently used is dropped, and later starts full again. */
const most = 10_000;

/** A token bucket for each principal. Times are in milliseconds. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token of a principal. Returns 0, or the milliseconds until the next token. */
  take(principal: string, { perSecond, burst }: Rate, now: number): number {
    const { tokens, at } = this.#buckets.get(principal) ?? { tokens: burst, at: now };
    const filled = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond);
    const isFree = filled >= 1;
    this.#keep(principal, { tokens: isFree ? filled - 1 : filled, at: now });
    return isFree ? 0 : Math.ceil(((1 - filled) / perSecond) * 1000);
  }

  #keep(principal: string, bucket: Bucket): void {
    this.#buckets.delete(principal);
    this.#buckets.set(principal, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > most && oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** Returns the refusal of a command that exceeds the rate. `afterMilliseconds` in its details is the time to wait. */
export const rateLimited = (principal: string, { perSecond }: Rate, afterMilliseconds: number): CommandError =>
  new CommandError({
    code: "rejected",
    message: `\`${principal}\` gives more than ${perSecond} commands a second: come again in ${afterMilliseconds} ms, or raise \`cim up --rate\``,
    details: { reason: rateLimitedReason, perSecond, afterMilliseconds },
  });
