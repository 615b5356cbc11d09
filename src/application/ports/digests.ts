import { Context, type Schema } from "effect";

/** Digests of content. Pure functions; a port only because the algorithms are a library's. */
export class Digests extends Context.Service<
  Digests,
  {
    /**
     * The content id of an event: CIDv1, codec dag-json, BLAKE3-256, of `{content, previous, sequence}`; `previous` is
     * the content id of the aggregate's event before (null for the first), `sequence` the event's number from 1.
     * Time is left out, so that equal histories have equal ids.
     */
    readonly cid: (link: {
      readonly content: Schema.Json;
      readonly previous: string | null;
      readonly sequence: number;
    }) => string;
    /** `sha256-` and the hex SHA-256 of the UTF-8 text. */
    readonly sha256: (text: string) => string;
    /** True if `signature` (base64url) is the Ed25519 signature of `message` under the nkey `publicKey` (`U…`). */
    readonly verify: (publicKey: string, message: string, signature: string) => boolean;
  }
>()("cim/application/Digests") {}
