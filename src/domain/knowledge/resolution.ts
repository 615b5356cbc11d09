import { Schema } from "effect";
import { Principal } from "../kernel/mod.ts";
import { confidenceOf } from "./confidence.ts";
import { FactObject, RecordId, Share } from "./fact.ts";
import { type KnownFact, stands } from "./fact-index.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { type Policy, Strategy, strategyOf } from "./policy.ts";
import { Stamp } from "./stamp.ts";
import { type Trust, trustIn } from "./trust.ts";

/** A candidate for the one value of its subject and predicate. */
export const Candidate = Schema.Struct({
  id: RecordId,
  object: FactObject,
  author: Principal,
  stamp: Stamp,
  confidence: Share,
}).annotate({ identifier: "ConflictCandidate" });
export type Candidate = typeof Candidate.Type;

/** Which of the facts with a single-valued predicate holds, and why. Derives from the records alone. */
export const Resolution = Schema.Struct({
  strategy: Strategy,
  /** Absent if there is no candidate, or if no vote has decided. */
  winner: Schema.optionalKey(RecordId),
  /** Facts that are neither retracted nor revoked, newest first. */
  candidates: Schema.Array(Candidate),
  why: Schema.String,
}).annotate({ identifier: "Resolution" });
export type Resolution = typeof Resolution.Type;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const newestFirst = (one: Candidate, other: Candidate): number => {
  if (one.stamp !== other.stamp) return one.stamp > other.stamp ? -1 : 1;
  return one.id > other.id ? -1 : 1;
};

const candidateOf = (known: KnownFact, trust: Trust): Candidate => {
  const { object, author, stamp } = known.fact;
  return { id: known.id, object, author, stamp, confidence: confidenceOf(known, trust) };
};

const byNewest = ([newest, second]: ReadonlyArray<Candidate>): Pick<Resolution, "winner" | "why"> => {
  if (newest === undefined) return { why: "there is no fact that is neither retracted nor revoked" };
  if (second === undefined) return { winner: newest.id, why: `\`${newest.object}\` is the only one` };
  const why =
    newest.stamp === second.stamp
      ? `\`${newest.object}\` and \`${second.object}\` are of one moment, ${newest.stamp}; the higher id decides`
      : `\`${newest.object}\` (${newest.stamp}) is newer than \`${second.object}\` (${second.stamp})`;
  return { winner: newest.id, why };
};

const byTrust = (candidates: ReadonlyArray<Candidate>): Pick<Resolution, "winner" | "why"> => {
  const [best, second] = candidates.toSorted(
    (one, other) => other.confidence - one.confidence || newestFirst(one, other),
  );
  if (best === undefined || second === undefined) return byNewest(candidates);
  const why =
    best.confidence === second.confidence
      ? `\`${best.object}\` and \`${second.object}\` have the same confidence, ${percent(best.confidence)}; the newer one decides`
      : `\`${best.object}\` has confidence ${percent(best.confidence)}, more than \`${second.object}\` with ${percent(second.confidence)}`;
  return { winner: best.id, why };
};

const byVote = (
  candidates: ReadonlyArray<Candidate>,
  base: KnowledgeBase,
  subject: string,
  predicate: string,
): Pick<Resolution, "winner" | "why"> => {
  const [newest] = candidates;
  if (newest === undefined) return byNewest(candidates);
  if (candidates.every(({ object }) => object === newest.object))
    return { winner: newest.id, why: `\`${newest.object}\` is the only one` };
  const decided = [...base.settlements(subject, predicate)]
    .map(({ record }) => record)
    .filter(({ fact }) => candidates.some(({ id }) => id === fact))
    .sort((one, other) => (one.stamp > other.stamp ? -1 : 1))[0];
  return decided === undefined
    ? { why: "no vote has decided yet: `resolve` opens one" }
    : { winner: decided.fact, why: `proposal ${decided.proposal} was approved at ${decided.stamp}` };
};

/** Returns the resolution of a conflict; undefined if the predicate may have several objects. */
export const resolutionOf = (
  base: KnowledgeBase,
  policy: Policy,
  { subject, predicate }: { readonly subject: string; readonly predicate: string },
  trust: Trust = trustIn(base, policy),
): Resolution | undefined => {
  const strategy = strategyOf(policy, predicate);
  if (strategy === undefined) return undefined;
  const candidates = [...base.match({ subject, predicate })]
    .filter(stands)
    .map((known) => candidateOf(known, trust))
    .sort(newestFirst);
  switch (strategy) {
    case "newest":
      return { strategy, candidates, ...byNewest(candidates) };
    case "most-trusted":
      return { strategy, candidates, ...byTrust(candidates) };
    case "vote":
      return { strategy, candidates, ...byVote(candidates, base, subject, predicate) };
  }
};
