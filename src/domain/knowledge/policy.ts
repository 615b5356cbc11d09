import { Schema } from "effect";
import { Term } from "./fact.ts";

/** The space of knowledge about the installation itself. */
export const systemSpace = "system";

/** How a conflict on a single-valued predicate is resolved. */
export const Strategy = Schema.Literals(["newest", "most-trusted", "vote"]);
export type Strategy = typeof Strategy.Type;

/** How trust in authors derives from evidence. */
export const TrustModel = Schema.Literals(["beta", "eigentrust"]);

/** The rules of a space. */
export const Policy = Schema.Struct({
  /** Predicates that have only one object per subject, and how their conflicts are resolved. */
  singleValued: Schema.Record(Term, Strategy),
  /** Whether every record must be signed with the key that its author registered. */
  requireSignatures: Schema.Boolean,
  /** Groups of synonyms for concept search. Each word of a group also finds the others. */
  synonyms: Schema.Array(Schema.Array(Term)),
  trust: TrustModel,
});
export type Policy = typeof Policy.Type;

export const defaultPolicy: Policy = { singleValued: {}, requireSignatures: false, synonyms: [], trust: "beta" };

/** Returns how conflicts on a predicate are resolved; undefined if it may have several objects. */
export const strategyOf = ({ singleValued }: Policy, predicate: string): Strategy | undefined =>
  Object.hasOwn(singleValued, predicate) ? singleValued[predicate] : undefined;
