import { Option, Schema } from "effect";
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

/** What a turn carries that is a review of a deployment. */
const Review = Schema.Struct({
  kind: Schema.Literal("review"),
  deployment: Schema.String,
  findings: Schema.Array(Finding),
});

const decode = Schema.decodeUnknownOption(Review);

/** The review in the data of a turn, if there is one. */
export const reviewIn = (data: unknown): typeof Review.Type | undefined => Option.getOrUndefined(decode(data));
