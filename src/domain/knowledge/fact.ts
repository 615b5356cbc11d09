import { Effect, Schema } from "effect";
import { Principal, Provenance } from "../kernel/mod.ts";
import { Stamp } from "./stamp.ts";

const text = (longest: number) =>
  Schema.NonEmptyString.check(Schema.isMaxLength(longest)).check(
    Schema.makeFilter((value: string) => value.isWellFormed() || "half a surrogate pair", {
      title: "well-formed Unicode",
    }),
  );

/** A subject or a predicate: up to 512 characters. */
export const Term = text(512);
/** The object of a fact: another subject, or a value. */
export const FactObject = Schema.Union([text(4096), Schema.Finite, Schema.Boolean]);
export type FactObject = typeof FactObject.Type;
/** A share from 0 to 1. */
export const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));
/** The default of a confidence or degree: 1, the author is sure. */
export const sure = Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1)));
/** The id of a record, for example a fact: the SHA-256 of its canonical form, in hex. */
export const RecordId = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/u, { expected: "64 hex digits, as `facts list` prints them" }),
);
/** Free text of up to 4096 characters: a source, a reason, a note. */
export const Note = text(4096);

/** The author of a record, and its time on the hybrid logical clock. */
export const authorship = { author: Principal, stamp: Stamp };

/** `subject predicate object`: the content of a fact or a belief. */
export const triple = { subject: Term, predicate: Term, object: FactObject };

/** A fact: a triple that its author asserts, with a confidence and a source. */
export const Fact = Schema.Struct({
  kind: Schema.Literal("fact"),
  ...triple,
  confidence: Share,
  source: Schema.optionalKey(Note),
  provenance: Schema.optionalKey(Provenance),
  ...authorship,
});
export type Fact = typeof Fact.Type;

/** Returns the object as text. Together with the subject, it forms an edge of the knowledge graph. */
export const entityOf = (object: FactObject): string => (typeof object === "string" ? object : String(object));
