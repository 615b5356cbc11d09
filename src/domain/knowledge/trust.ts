import { Schema } from "effect";
import type { Policy } from "./policy.ts";
import type { Evidence } from "./record.ts";

/** Counts of evidence for and against. */
export const Counts = Schema.Struct({ supports: Schema.Int, disputes: Schema.Int });
export type Counts = typeof Counts.Type;

type Verdict = Evidence["verdict"];

const none: Counts = { supports: 0, disputes: 0 };

const recount = ({ supports, disputes }: Counts = none, verdict: Verdict, change: number): Counts =>
  verdict === "support" ? { supports: supports + change, disputes } : { supports, disputes: disputes + change };

/** Counts of evidence by the author of the fact, and by the author of the evidence. */
export class EvidenceCounts {
  readonly #on = new Map<string, Counts>();
  readonly #by = new Map<string, Map<string, Counts>>();

  /** Counts evidence of `by` about a fact of `of`. With -1, removes it again. */
  count(of: string, by: string, verdict: Verdict, change: 1 | -1): void {
    this.#on.set(of, recount(this.#on.get(of), verdict, change));
    const given = this.#by.get(by) ?? new Map<string, Counts>();
    const { supports, disputes } = recount(given.get(of), verdict, change);
    if (supports + disputes > 0) given.set(of, { supports, disputes });
    else given.delete(of);
    if (given.size > 0) this.#by.set(by, given);
    else this.#by.delete(by);
  }

  /** Returns the counts of others' evidence about the facts of an author. */
  on(author: string): Counts {
    return this.#on.get(author) ?? none;
  }

  /** Returns the counts of one author's evidence about the facts of others, by their authors. */
  by(author: string): ReadonlyMap<string, Counts> {
    return this.#by.get(author) ?? new Map();
  }

  /** Returns all authors of evidence. */
  givers(): Iterable<string> {
    return this.#by.keys();
  }
}

/** The evidence of a space, as the computation of trust needs it. */
export interface KnownEvidence {
  /** Returns all authors of facts or evidence. */
  readonly authors: () => ReadonlySet<string>;
  /** Returns the counts of others' evidence about the facts of an author. */
  readonly countsOf: (author: string) => Counts;
  /** Returns the counts of one author's evidence about the facts of others, by their authors. */
  readonly evidenceBy: (author: string) => ReadonlyMap<string, Counts>;
}

/** Returns the trust in an author, from 0 to 1. */
export type Trust = (author: string) => number;

/**
 * Returns the expected value of a Beta distribution after `supports` good and `disputes` bad experiences; 1/2 without
 * any. Jøsang and Ismail, "The Beta Reputation System" (Bled 2002): (r + 1) / (r + s + 2).
 */
export const betaReputation = ({ supports, disputes }: Counts): number => (supports + 1) / (supports + disputes + 2);

/**
 * The share of trust that all authors have in advance. It prevents a clique that supports itself from collecting all
 * trust.
 */
const damping = 0.15;
/** A fixed number, so that every replica rounds the same way. The remaining error is below 0.85^64 ≈ 0.00003. */
const rounds = 64;

/**
 * Returns trust that depends on who supports whom, scaled so that the most trusted author has 1. Beta reputation counts
 * every supporter equally, even one with little trust. Here, support is worth as much as the trust in its giver. In
 * every round, each author divides its trust among the authors whose facts it supports more often than it disputes
 * them. An author that supports nobody divides its trust among all.
 *
 * Sums run over sorted authors, so that replicas with the same records agree to the last bit. Kamvar, Schlosser and
 * Garcia-Molina, "The EigenTrust Algorithm" (WWW 2003), with all authors pre-trusted equally.
 */
export const eigenTrust = (base: KnownEvidence): ReadonlyMap<string, number> => {
  const authors = [...base.authors()].sort();
  const even = 1 / authors.length;
  const given = authors.map((author) => {
    const liked = [...base.evidenceBy(author)]
      .map(([to, { supports, disputes }]) => ({ to, weight: Math.max(0, supports - disputes) }))
      .filter(({ weight }) => weight > 0)
      .sort((one, other) => (one.to < other.to ? -1 : 1));
    return { author, liked, total: liked.reduce((sum, { weight }) => sum + weight, 0) };
  });
  let trust = new Map(authors.map((author) => [author, even]));
  for (let round = 0; round < rounds; round++) {
    const next = new Map(authors.map((author) => [author, damping * even]));
    let unspent = 0;
    for (const { author, liked, total } of given) {
      const own = (1 - damping) * (trust.get(author) ?? 0);
      if (total === 0) unspent += own;
      for (const { to, weight } of liked) next.set(to, (next.get(to) ?? 0) + (own * weight) / total);
    }
    for (const author of authors) next.set(author, (next.get(author) ?? 0) + unspent * even);
    trust = next;
  }
  const most = Math.max(...trust.values());
  return new Map([...trust].map(([author, score]) => [author, score / most]));
};

/** Returns trust under the model in the space's policy. */
export const trustIn = (base: KnownEvidence, { trust }: Pick<Policy, "trust">): Trust => {
  if (trust === "beta") return (author) => betaReputation(base.countsOf(author));
  const scores = eigenTrust(base);
  return (author) => scores.get(author) ?? 0;
};
