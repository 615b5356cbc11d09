import type { Binding } from "../language/expression.ts";

/** A part of a base: its options, and what of the host it could not take over, a sentence each. */
export interface Part {
  readonly options: ReadonlyArray<Binding>;
  readonly missing: ReadonlyArray<string>;
}
