/**
 * A digest of a set that each new member changes in constant time: the sum of the members' SHA-256 modulo 2^256, in
 * hex, whatever their order. Replicas that hold the same records have the same one. AdHash, after Bellare and
 * Micciancio, "A New Paradigm for Collision-Free Hashing" (EUROCRYPT 1997). It finds what differs by accident; each
 * record is proved by its own id.
 */
export const emptyContent = "0".repeat(64);

const modulus = 1n << 256n;

export const withMember = (content: string, id: string): string =>
  ((BigInt(`0x${content}`) + BigInt(`0x${id}`)) % modulus).toString(16).padStart(64, "0");

/** The same as a running sum, for sets that grow by many; it begins with the digest of what is there already. */
export class ContentSum {
  #sum: bigint;

  constructor(content = emptyContent) {
    this.#sum = BigInt(`0x${content}`);
  }

  add(id: string): void {
    this.#sum = (this.#sum + BigInt(`0x${id}`)) % modulus;
  }

  get hex(): string {
    return this.#sum.toString(16).padStart(64, "0");
  }
}
