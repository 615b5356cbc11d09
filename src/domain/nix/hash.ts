const prime = 0x0000000001000000000000000000013bn;
const offset = 0x6c62272e07bb014262b821756295c58dn;
const mask = (1n << 128n) - 1n;

/** FNV-1a with 128 bits (RFC 9923), of the text's UTF-8. It tells texts apart; it keeps nothing secret. */
export const hashOf = (text: string): bigint => {
  let hash = offset;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash;
};

/** A few letters and digits that are another text's with a probability of one in 36^8. */
export const shortHash = (text: string): string => hashOf(text).toString(36).padStart(25, "0").slice(-8);

/** A name of at most `longest` characters: itself, or its beginning and a hash of all of it. */
export const shortened = (name: string, longest: number): string =>
  name.length <= longest ? name : `${name.slice(0, longest - 9)}-${shortHash(name)}`;
