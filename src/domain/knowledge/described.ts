import { Schema } from "effect";
import { defined, Principal, Provenance } from "../kernel/mod.ts";
import { confidenceOf } from "./confidence.ts";
import { Note, RecordId, Share, triple } from "./fact.ts";
import { type KnownFact, revocationText, stands } from "./fact-index.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { type Policy, strategyOf } from "./policy.ts";
import { type Resolution, resolutionOf } from "./resolution.ts";
import { Stamp } from "./stamp.ts";
import { type Trust, trustIn } from "./trust.ts";

/** A fact as queries show it: what its author said, and what follows from all records. */
export const DescribedFact = Schema.Struct({
  id: RecordId,
  ...triple,
  author: Principal,
  stamp: Stamp,
  source: Schema.optionalKey(Note),
  provenance: Schema.optionalKey(Provenance),
  /** The confidence that the author gave. */
  asserted: Share,
  /** The confidence that follows from trust and evidence. */
  confidence: Share,
  supports: Schema.Int,
  disputes: Schema.Int,
  retracted: Schema.Boolean,
  /** Present if it does not count because the key that signed it was revoked: which key, and why. */
  revoked: Schema.optionalKey(Schema.String),
  /** Whether it holds: not retracted, not revoked, and not beaten by another fact if there can be only one. */
  holds: Schema.Boolean,
}).annotate({ identifier: "DescribedFact" });
export type DescribedFact = typeof DescribedFact.Type;

/**
 * A space as it stands, with trust and the winners of conflicts, which are derived from its records. Derived once and
 * kept only until a record comes in.
 */
export class Knowledge {
  readonly base: KnowledgeBase;
  readonly policy: Policy;
  #revision = -1;
  #trust: Trust = () => 0;
  #winners = new Map<string, Resolution | undefined>();

  constructor(base: KnowledgeBase, policy: Policy) {
    this.base = base;
    this.policy = policy;
  }

  #refresh(): void {
    if (this.#revision === this.base.revision) return;
    this.#revision = this.base.revision;
    this.#trust = trustIn(this.base, this.policy);
    this.#winners = new Map();
  }

  get trust(): Trust {
    this.#refresh();
    return this.#trust;
  }

  /** Returns how a conflict stands; undefined if the predicate may have many objects. */
  resolution(subject: string, predicate: string): Resolution | undefined {
    if (strategyOf(this.policy, predicate) === undefined) return undefined;
    this.#refresh();
    const key = JSON.stringify([subject, predicate]);
    const known = this.#winners.get(key);
    if (known !== undefined || this.#winners.has(key)) return known;
    const resolved = resolutionOf(this.base, this.policy, { subject, predicate }, this.#trust);
    this.#winners.set(key, resolved);
    return resolved;
  }

  /** Whether a fact holds. Facts that say the same as the winner hold with it. */
  holds(known: KnownFact): boolean {
    if (!stands(known)) return false;
    const { fact } = known;
    const resolution = this.resolution(fact.subject, fact.predicate);
    if (resolution === undefined) return true;
    const winner = resolution.candidates.find(({ id }) => id === resolution.winner);
    return winner?.object === fact.object;
  }

  confidence(known: KnownFact): number {
    return confidenceOf(known, this.trust);
  }

  describe(known: KnownFact): DescribedFact {
    const { fact, evidence, id, revocation } = known;
    const { subject, predicate, object, author, stamp, source, provenance, confidence: asserted } = fact;
    let supports = 0;
    for (const { record } of evidence.values())
      if (record.kind === "evidence" && record.verdict === "support") supports += 1;
    return defined({
      id,
      subject,
      predicate,
      object,
      author,
      stamp,
      source,
      provenance,
      asserted,
      confidence: this.confidence(known),
      supports,
      disputes: evidence.size - supports,
      retracted: known.retraction !== undefined,
      revoked: revocation === undefined ? undefined : revocationText(revocation),
      holds: this.holds(known),
    });
  }
}
