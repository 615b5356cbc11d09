import { Schema } from "effect";
import { Term } from "./fact.ts";

/** The space of what the installation knows of itself. */
export const systemSpace = "system";

/** How one of several objects of a single-valued predicate is chosen. */
export const Strategy = Schema.Literals(["newest", "most-trusted", "vote"]);
export type Strategy = typeof Strategy.Type;

/** How trust in authors follows from evidence. */
export const TrustModel = Schema.Literals(["beta", "eigentrust"]);

/** The rules of a space. */
export const Policy = Schema.Struct({
  /** Predicates of which a subject has one object only, and how conflicts are resolved. */
  singleValued: Schema.Record(Term, Strategy),
  /** Whether every record must be signed with the key that its author registered. */
  requireSignatures: Schema.Boolean,
  /** Words that mean the same to concept search; each word of a group finds the others. */
  synonyms: Schema.Array(Schema.Array(Term)),
  trust: TrustModel,
});
export type Policy = typeof Policy.Type;

export const defaultPolicy: Policy = { singleValued: {}, requireSignatures: false, synonyms: [], trust: "beta" };

/** Returns how conflicts of a predicate are resolved; undefined if it may have many objects. */
export const strategyOf = ({ singleValued }: Policy, predicate: string): Strategy | undefined =>
  Object.hasOwn(singleValued, predicate) ? singleValued[predicate] : undefined;
