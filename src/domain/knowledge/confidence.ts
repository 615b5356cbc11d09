import { Schema } from "effect";
import { Principal } from "../kernel/mod.ts";
import { Term } from "./fact.ts";
import { type KnownFact, stands } from "./fact-index.ts";
import type { Trust } from "./trust.ts";

/** A statement for or against a fact. Its weight is the trust in its author. */
export const Ground = Schema.Struct({
  by: Principal,
  says: Schema.Literals(["asserts", "support", "dispute"]),
  /** The name of the evidence; absent from the assertion itself. */
  evidence: Schema.optionalKey(Term),
  trust: Schema.Finite,
  for: Schema.Finite,
  against: Schema.Finite,
}).annotate({ identifier: "Ground" });
export type Ground = typeof Ground.Type;

/** Returns the grounds of a fact: its author's assertion, then evidence in the order of its keys. */
export const groundsOf = ({ fact, evidence }: KnownFact, trust: Trust): ReadonlyArray<Ground> => {
  const word = trust(fact.author);
  const asserted: Ground = {
    by: fact.author,
    says: "asserts",
    trust: word,
    for: word * fact.confidence,
    against: word * (1 - fact.confidence),
  };
  const others = [...evidence]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, { record }]): ReadonlyArray<Ground> => {
      if (record.kind !== "evidence") return [];
      const weight = trust(record.author);
      const isFor = record.verdict === "support";
      return [
        {
          by: record.author,
          says: record.verdict,
          evidence: record.evidence,
          trust: weight,
          for: isFor ? weight : 0,
          against: isFor ? 0 : weight,
        },
      ];
    });
  return [asserted, ...others];
};

/**
 * Returns the confidence in a fact: (R + 1) / (R + S + 2), where R and S are the sums of the grounds for and against
 * it, each weighted by the trust in its author (Beta reputation, see trust.ts, with discounted evidence). It is 0 if
 * the fact was retracted or its key was revoked.
 */
export const confidenceOf = (known: KnownFact, trust: Trust): number => {
  if (!stands(known)) return 0;
  let supports = 0;
  let disputes = 0;
  for (const ground of groundsOf(known, trust)) {
    supports += ground.for;
    disputes += ground.against;
  }
  return (supports + 1) / (supports + disputes + 2);
};
