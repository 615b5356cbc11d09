import { Schema } from "effect";
import { defined, Principal, provenanceText } from "../kernel/mod.ts";
import { Ground, groundsOf } from "./confidence.ts";
import { DescribedFact, type Knowledge } from "./described.ts";
import { type KnownFact, revocationText } from "./fact-index.ts";
import { TrustModel } from "./policy.ts";
import { Resolution } from "./resolution.ts";
import { Counts } from "./trust.ts";

/** Why a fact has its confidence, its authors their trust, and why it holds or not. */
export const FactAccount = Schema.Struct({
  fact: DescribedFact,
  /** Its confidence is (R + 1) / (R + S + 2) of the sums of these grounds; 0 if it was retracted or revoked. */
  grounds: Schema.Array(Ground),
  /** The trust in each author of the grounds, and the evidence behind it. */
  trust: Schema.Array(Schema.Struct({ author: Principal, trust: Schema.Finite, ...Counts.fields })),
  model: TrustModel,
  resolution: Schema.optionalKey(Resolution),
  /** The same in words. */
  text: Schema.Array(Schema.String),
}).annotate({ identifier: "FactAccount" });
export type FactAccount = typeof FactAccount.Type;

const share = (value: number): string => value.toFixed(3);

/** Returns the explanation of a fact; undefined if the fact does not exist. */
export const whyOf = (knowledge: Knowledge, id: string): FactAccount | undefined => {
  const known = knowledge.base.fact(id);
  if (known === undefined) return undefined;
  const fact = knowledge.describe(known);
  const grounds = groundsOf(known, knowledge.trust);
  const trust = [...new Set(grounds.map(({ by }) => by))].map((author) => ({
    author,
    trust: knowledge.trust(author),
    ...knowledge.base.countsOf(author),
  }));
  const resolution = knowledge.resolution(fact.subject, fact.predicate);
  return {
    ...defined({ fact, grounds, trust, model: knowledge.policy.trust, resolution }),
    text: [
      ...originText(fact),
      ...textOf(fact, grounds),
      ...struckText(known),
      ...trust.map(trustText(knowledge.policy.trust)),
      ...standingText(fact, resolution),
    ],
  };
};

/** Returns how the fact was produced, as its author claims. */
const originText = ({ author, provenance = {} }: DescribedFact): ReadonlyArray<string> => {
  const origin = provenanceText(provenance);
  return origin === undefined ? [] : [`\`${author}\` says that it is by ${origin}`];
};

const textOf = (fact: DescribedFact, grounds: ReadonlyArray<Ground>): ReadonlyArray<string> => {
  if (fact.revoked !== undefined) return [`confidence 0: ${fact.revoked}`];
  if (fact.retracted) return [`confidence 0: \`${fact.author}\`, its author, has retracted it`];
  const supports = grounds.reduce((sum, ground) => sum + ground.for, 0);
  const disputes = grounds.reduce((sum, ground) => sum + ground.against, 0);
  return [
    `confidence ${share(fact.confidence)} = (${share(supports)} + 1) / (${share(supports)} + ${share(disputes)} + 2)`,
    ...grounds.map(groundText(fact)),
  ];
};

/** Returns the records about the fact that do not count, with reasons, in the order of their ids. */
const struckText = ({ struck = [] }: KnownFact): ReadonlyArray<string> =>
  struck
    .toSorted((one, other) => (one.entry.id < other.entry.id ? -1 : 1))
    .map(({ entry: { record }, revocation }) => {
      const what = record.kind === "evidence" ? `${record.verdict} by \`${record.evidence}\`` : record.kind;
      return `\`${record.author}\`'s ${what} does not count: ${revocationText(revocation)}`;
    });

const groundText =
  (fact: DescribedFact) =>
  ({ by, says, evidence, trust, for: supports, against }: Ground): string =>
    says === "asserts"
      ? `\`${by}\` asserts it with ${share(fact.asserted)}, trusted ${share(trust)}: ${share(supports)} for, ${share(against)} against`
      : `\`${by}\` gives ${says} by \`${evidence}\`, trusted ${share(trust)}`;

const trustText =
  (model: FactAccount["model"]) =>
  ({ author, trust, supports, disputes }: FactAccount["trust"][number]): string =>
    model === "beta"
      ? `trust in \`${author}\` ${share(trust)} = (${supports} + 1) / (${supports} + ${disputes} + 2): evidence of others on its facts`
      : `trust in \`${author}\` ${share(trust)}: EigenTrust, from who supports whom; it has ${supports} supports and ${disputes} disputes itself`;

const standingText = (fact: DescribedFact, resolution: Resolution | undefined): ReadonlyArray<string> => {
  if (fact.retracted || fact.revoked !== undefined || resolution === undefined || resolution.candidates.length < 2)
    return [];
  const outcome = fact.holds ? "it holds" : "it does not hold";
  return [`${outcome}, by \`${resolution.strategy}\`: ${resolution.why}`];
};
