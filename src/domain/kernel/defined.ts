import type { Types } from "effect";

/** The fields of `T`. Those that may be undefined become optional. */
export type Defined<T> = Types.Simplify<
  { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  }
>;

/**
 * Returns the fields whose value is not undefined, in their order. Under `exactOptionalPropertyTypes` an optional field
 * may be absent but not `undefined`. Fields with the value null stay, because they have other JSON than absent fields.
 */
export const defined = <const T extends object>(fields: T): Defined<T> => {
  const present: Partial<Record<keyof T, unknown>> = {};
  for (const key in fields) if (fields[key] !== undefined) present[key] = fields[key];
  return present as Defined<T>;
};
