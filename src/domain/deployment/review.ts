import { Option, Schema } from "effect";
import { Finding } from "./finding.ts";

/** What a turn carries that is a review of a deployment. */
const Review = Schema.Struct({
  kind: Schema.Literal("review"),
  deployment: Schema.String,
  findings: Schema.Array(Finding),
});

const decode = Schema.decodeUnknownOption(Review);

/** The review in the data of a turn, if there is one. */
export const reviewIn = (data: unknown): typeof Review.Type | undefined => Option.getOrUndefined(decode(data));
