/*
 * The text form of nkeys, the keys of NATS: base32 (RFC 4648, without padding) of a prefix, 32 bytes and a checksum.
 * It is our own code because `@nats-io/nkeys` does not export it. That package's Ed25519 in JavaScript is also a hundred
 * times slower than `node:crypto`, which needs the raw bytes. Tests compare this file with the package.
 */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const decodeBase32 = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (buffer >> bits) & 0xff;
    }
  }
  return bytes;
};

const encodeBase32 = (bytes: Uint8Array): string => {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((buffer >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + alphabet.charAt((buffer << (5 - bits)) & 31);
};

/** Returns the CRC-16/XMODEM of bytes. An nkey ends with it, the low byte first. */
const crc16 = (bytes: Uint8Array): number => {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
};

/** Returns prefix and key of an nkey; undefined if the text is not an nkey. */
const bytesOf = (nkey: string): Uint8Array | undefined => {
  const raw = decodeBase32(nkey);
  if (raw === undefined || raw.length < 3) return undefined;
  const body = raw.subarray(0, -2);
  const [low = 0, high = 0] = raw.subarray(-2);
  return crc16(body) === low + 256 * high ? body : undefined;
};

const textOf = (body: Uint8Array): string => {
  const crc = crc16(body);
  return encodeBase32(Uint8Array.of(...body, crc & 0xff, crc >> 8));
};

/** First byte of a user's public nkey, which makes its text begin with `U`. */
const userPrefix = 20 << 3;
/** First bytes of a user's seed, which make its text begin with `SU`. */
const seedPrefix = [(18 << 3) | (userPrefix >> 5), (userPrefix & 31) << 3] as const;

/** Returns the 32 bytes of a user's public nkey (`U…`); undefined if the text is not one. */
export const userKeyBytes = (nkey: string): Uint8Array | undefined => {
  const body = nkey.length === 56 ? bytesOf(nkey) : undefined;
  return body !== undefined && body[0] === userPrefix ? body.subarray(1) : undefined;
};

/** Returns the 32 bytes of a user's seed (`SU…`), a secret; undefined if the text is not one. */
export const userSeedBytes = (seed: string): Uint8Array | undefined => {
  const body = seed.length === 58 ? bytesOf(seed) : undefined;
  return body !== undefined && body[0] === seedPrefix[0] && body[1] === seedPrefix[1] ? body.subarray(2) : undefined;
};

/** Returns the public nkey of a user with this Ed25519 key. */
export const userKeyText = (key: Uint8Array): string => textOf(Uint8Array.of(userPrefix, ...key));

/** Returns the seed of a user with these 32 bytes, a secret. */
export const userSeedText = (seed: Uint8Array): string => textOf(Uint8Array.of(...seedPrefix, ...seed));
