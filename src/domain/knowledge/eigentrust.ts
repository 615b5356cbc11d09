import type { KnowledgeBase } from "./knowledge-base.ts";

/** Share of trust that everybody has beforehand: it keeps a clique that supports itself from taking all. */
const damping = 0.15;
/** Fixed, so that every replica rounds the same way; the rest is then below 0.85^64 ≈ 0.00003. */
const rounds = 64;

/**
 * Trust that follows who supports whom: an author's is the sum of what its supporters have, as they divide it among those
 * whose facts they support more often than they dispute them. Scaled so that the most trusted has 1. Kamvar, Schlosser and
 * Garcia-Molina, "The EigenTrust Algorithm" (WWW 2003), with everybody pre-trusted alike.
 */
export const eigenTrust = (base: KnowledgeBase): ReadonlyMap<string, number> => {
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
