import { HashMap, Option, Schema } from "effect";
import type { Steps } from "./steps.ts";

/** Encodes a value as JSON and decodes it again, with pauses. */
export interface StepCodec<A> {
  readonly encode: (value: A) => Steps<Schema.Json>;
  /** Returns none if the JSON does not fit. */
  readonly decode: (json: unknown) => Steps<Option.Option<A>>;
}

/** Returns the codec of a schema, without pauses. */
export const codecInOneStep = <A>(schema: Schema.Codec<A, unknown>): StepCodec<A> => {
  const codec = Schema.toCodecJson(schema);
  const encode = Schema.encodeSync(codec);
  const decode = Schema.decodeUnknownOption(codec);
  return {
    *encode(value) {
      return encode(value) as Schema.Json;
    },
    *decode(json) {
      return decode(json);
    },
  };
};

/**
 * Returns the codec of a map from texts to values of a schema, with a pause after each entry. Its JSON is that of the
 * schema.
 */
export const mapCodecInSteps = <A>(schema: Schema.Codec<A, unknown>): StepCodec<HashMap.HashMap<string, A>> => {
  const entry = Schema.toCodecJson(Schema.Tuple([Schema.String, schema]));
  const encode = Schema.encodeSync(entry);
  const decode = Schema.decodeUnknownOption(entry);
  return {
    *encode(map) {
      const entries: Array<Schema.Json> = [];
      for (const one of map) {
        entries.push(encode(one) as Schema.Json);
        yield;
      }
      return entries;
    },
    *decode(json) {
      if (!Array.isArray(json)) return Option.none();
      let map = HashMap.empty<string, A>();
      for (const one of json) {
        const decoded = decode(one);
        if (Option.isNone(decoded)) return Option.none();
        map = HashMap.set(map, ...decoded.value);
        yield;
      }
      return Option.some(map);
    },
  };
};
