import type { KnownFact } from "./fact-index.ts";
import type { Trust } from "./trust.ts";

/** One thing that speaks for or against a fact, and how much: the trust in who says it. */
export interface Ground {
  readonly by: string;
  readonly says: "asserts" | "support" | "dispute";
  /** The name of the evidence; none for the assertion itself. */
  readonly evidence?: string;
  readonly trust: number;
  readonly for: number;
  readonly against: number;
}

/** What a fact rests on: its author's word, then evidence in the order of its keys. */
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
 * How far a fact can be relied on: (R + 1) / (R + S + 2), with R and S the sums of what speaks for and against it, each
 * weighted by the trust in who says it (Beta reputation, as in trust.ts, with discounted evidence). 0 once retracted.
 */
export const confidenceOf = (known: KnownFact, trust: Trust): number => {
  if (known.retraction !== undefined) return 0;
  let supports = 0;
  let disputes = 0;
  for (const ground of groundsOf(known, trust)) {
    supports += ground.for;
    disputes += ground.against;
  }
  return (supports + 1) / (supports + disputes + 2);
};
