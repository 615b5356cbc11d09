import type { Types } from "effect";

/** The fields of `T`, of which those that may be undefined are optional. */
export type Defined<T> = Types.Simplify<
  { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  }
>;

/**
 * Returns the fields that have a value. Under `exactOptionalPropertyTypes` an optional field may be absent but not
 * `undefined`, and JSON of an absent field has other bytes than JSON of `null`.
 */
export const defined = <const T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
