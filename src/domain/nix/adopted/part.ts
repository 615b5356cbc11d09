import type { Binding } from "../language/expression.ts";

/** A part of a base: its options, and what it could not take over from the host, one sentence each. */
export interface Part {
  readonly options: ReadonlyArray<Binding>;
  readonly missing: ReadonlyArray<string>;
}
