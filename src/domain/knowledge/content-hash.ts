/**
 * A digest of a set that is updated in constant time for each new member: the sum of the members' SHA-256 modulo 2^256,
 * in hex. It does not depend on their order, so replicas with the same records have the same digest. AdHash, after
 * Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing" (EUROCRYPT 1997). It detects accidental
 * differences. Each record is proved by its own id.
 */
export const emptyContent = "0".repeat(64);

const modulus = 1n << 256n;

export const withMember = (content: string, id: string): string =>
  ((BigInt(`0x${content}`) + BigInt(`0x${id}`)) % modulus).toString(16).padStart(64, "0");

/**
 * The same digest as a running sum, for sets with many additions. It starts with the digest of the existing members.
 */
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
