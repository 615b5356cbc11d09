import { Result } from "effect";
import { addSeconds, type Rejection, refuse } from "../kernel/mod.ts";
import { type Evidence, evidenceKey, type KnowledgeRecord } from "./record.ts";
import { instantOf } from "./stamp.ts";

/** The records against which a new one is judged. The backend and each replica have their own. */
export interface KnownRecords {
  readonly has: (id: string) => boolean;
  readonly authorOf: (fact: string) => string | undefined;
  readonly isRetracted: (fact: string) => boolean;
  readonly hasEvidence: (key: string) => boolean;
}

/**
 * The seconds by which a clock may be ahead of the log's. The newest record wins, so a record with a future date would
 * always win.
 */
const clockSkewSeconds = 60;

type Judgement = Result.Result<void, Rejection>;
const fits: Judgement = Result.succeed(undefined);

const unknownFact = (fact: string) =>
  refuse("unknown-fact", `there is no fact ${fact} in this space; \`facts list\` shows those that there are`, { fact });

const judgeRetraction = (fact: string, author: string, known: KnownRecords): Judgement => {
  const asserted = known.authorOf(fact);
  if (asserted === undefined) return unknownFact(fact);
  if (asserted !== author)
    return refuse(
      "not-the-author",
      `fact ${fact} is by \`${asserted}\`, and only its author can retract it; dispute it instead`,
      {
        author: asserted,
      },
    );
  return known.isRetracted(fact) ? refuse("already-retracted", `fact ${fact} is retracted already`) : fits;
};

const judgeEvidence = (record: Evidence, known: KnownRecords): Judgement => {
  const { fact, author, evidence } = record;
  const asserted = known.authorOf(fact);
  if (asserted === undefined) return unknownFact(fact);
  if (asserted === author)
    return refuse("own-fact", `fact ${fact} is by \`${author}\` itself; only evidence of others counts`);
  return known.hasEvidence(evidenceKey(record))
    ? refuse("evidence-exists", `\`${author}\` has given evidence \`${evidence}\` on fact ${fact}; name new evidence`)
    : fits;
};

/** Checks whether a record may be added to the known ones. Records with known ids are not judged again. */
export const judge = (record: KnowledgeRecord, known: KnownRecords, now: string): Judgement => {
  const at = instantOf(record.stamp);
  if (at > now && at > addSeconds(now, clockSkewSeconds))
    return refuse("from-the-future", `stamp ${record.stamp} is more than ${clockSkewSeconds} s ahead; set the clock`, {
      now,
    });
  switch (record.kind) {
    case "fact":
    case "belief":
    case "revocation":
      return fits;
    case "retraction":
      return judgeRetraction(record.fact, record.author, known);
    case "evidence":
      return judgeEvidence(record, known);
    case "settlement":
      return known.authorOf(record.fact) === undefined ? unknownFact(record.fact) : fits;
  }
};
