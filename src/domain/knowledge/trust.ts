import { eigenTrust } from "./eigentrust.ts";
import type { Counts } from "./evidence-counts.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import type { Policy } from "./policy.ts";

/** How far each author is trusted, from 0 to 1. */
export type Trust = (author: string) => number;

/**
 * The expected value of a Beta distribution after `supports` good and `disputes` bad experiences, 1/2 without any.
 * Jøsang and Ismail, "The Beta Reputation System" (Bled 2002): (r + 1) / (r + s + 2).
 */
export const betaReputation = ({ supports, disputes }: Counts): number => (supports + 1) / (supports + disputes + 2);

/** Trust by the space's model. Counts are sums over a set, so replicas with the same records agree to the last bit. */
export const trustIn = (base: KnowledgeBase, { trust }: Pick<Policy, "trust">): Trust => {
  if (trust === "beta") return (author) => betaReputation(base.countsOf(author));
  const scores = eigenTrust(base);
  return (author) => scores.get(author) ?? 0;
};
