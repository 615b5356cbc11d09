import { Schema } from "effect";
import { GraphChange } from "../graph/contract.ts";

/** What a reviewer found by one of its rules. `changes` are graph changes that would mend it. */
export const Finding = Schema.Struct({
  rule: Schema.NonEmptyString,
  severity: Schema.Literals(["info", "warning", "blocking"]),
  nodes: Schema.Array(Schema.String),
  edges: Schema.Array(Schema.String),
  message: Schema.String,
  changes: Schema.optionalKey(Schema.Array(GraphChange)),
});
export type Finding = typeof Finding.Type;
