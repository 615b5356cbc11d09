import { Schema } from "effect";

/** An attempt of a principal that was refused, with the number of times. */
export const Refusal = Schema.Struct({
  principal: Schema.String,
  /** The command (`graph.import`), the view that was to be read (`read view.graphs`), or `connect`. */
  what: Schema.String,
  code: Schema.String,
  /** The newest message. */
  message: Schema.String,
  count: Schema.Int,
  first: Schema.String,
  last: Schema.String,
});
export type Refusal = typeof Refusal.Type;

/** The attempts that a backend has refused since it started. */
export const Refusals = Schema.Struct({
  /** The number of refusals with each code. */
  total: Schema.Record(Schema.String, Schema.Int),
  /** The newest refusal of each principal, command and code, latest first. */
  newest: Schema.Array(Refusal),
});
export type Refusals = typeof Refusals.Type;

/**
 * Reasons that concern a principal's rights or its share. An invalid graph or a missing deployment is not an attempt.
 */
const reasons: ReadonlySet<unknown> = new Set(["rate-limited", "command-id-reused", "too-many-readers"]);

/** The number of kinds of refusals that are kept. Beyond it, the oldest kind is dropped, but stays in the totals. */
const most = 256;
/** The number of characters that are kept of each text that the caller has chosen. */
const longest = 200;

/** Returns the code under which a refusal is counted; undefined if the caller tried nothing that it may not do. */
export const attemptCode = (code: string, details: unknown): string | undefined => {
  if (code === "unauthorized") return code;
  const reason = typeof details === "object" && details !== null ? Reflect.get(details, "reason") : undefined;
  return typeof reason === "string" && reasons.has(reason) ? reason : undefined;
};

/** Counts refusals in bounded memory. */
export class RefusalCounts {
  readonly #kinds = new Map<string, Refusal>();
  readonly #total = new Map<string, number>();

  /** Counts one refusal. `now` is in milliseconds since 1970. */
  count(refusal: Pick<Refusal, "principal" | "what" | "code" | "message">, now: number): void {
    const cut = (text: string) => text.slice(0, longest);
    const { code } = refusal;
    const [principal, what, message] = [cut(refusal.principal), cut(refusal.what), cut(refusal.message)] as const;
    const key = `${principal} ${what} ${code}`;
    const last = new Date(now).toISOString();
    const { count = 0, first = last } = this.#kinds.get(key) ?? {};
    this.#kinds.delete(key);
    this.#kinds.set(key, { principal, what, code, message, count: count + 1, first, last });
    this.#total.set(code, (this.#total.get(code) ?? 0) + 1);
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > most && oldest !== undefined) this.#kinds.delete(oldest);
  }

  /** All refusals; undefined if there are none. */
  get all(): Refusals | undefined {
    if (this.#total.size === 0) return undefined;
    return { total: Object.fromEntries(this.#total), newest: [...this.#kinds.values()].toReversed() };
  }
}

/** The part of an answer to service discovery (`$SRV.STATS`) that has refusals. */
export const RefusalsOfBackend = Schema.Struct({ id: Schema.String, refusals: Schema.optionalKey(Refusals) });

/** Returns the refusals of several backends in one list, latest first. */
export const mergedRefusals = (all: ReadonlyArray<Refusals>): Refusals => {
  const kinds = new Map<string, Refusal>();
  const total: Record<string, number> = {};
  for (const { total: counts, newest } of all) {
    for (const [code, count] of Object.entries(counts)) total[code] = (total[code] ?? 0) + count;
    for (const one of newest) {
      const key = `${one.principal} ${one.what} ${one.code}`;
      const other = kinds.get(key);
      const later = other === undefined || one.last > other.last ? one : other;
      kinds.set(key, {
        ...later,
        count: one.count + (other?.count ?? 0),
        first: other === undefined || one.first < other.first ? one.first : other.first,
      });
    }
  }
  const newest = [...kinds.values()].toSorted((one, other) => (one.last < other.last ? 1 : -1));
  return { total, newest };
};
