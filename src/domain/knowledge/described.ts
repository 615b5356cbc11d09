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

/** A fact in query answers: what its author asserted, and what follows from all records. */
export const DescribedFact = Schema.Struct({
  id: RecordId,
  ...triple,
  author: Principal,
  stamp: Stamp,
  source: Schema.optionalKey(Note),
  provenance: Schema.optionalKey(Provenance),
  /** The confidence that the author stated. */
  asserted: Share,
  /** The confidence that follows from trust and evidence. */
  confidence: Share,
  supports: Schema.Int,
  disputes: Schema.Int,
  retracted: Schema.Boolean,
  /** Present if the fact does not count because its signing key was revoked: the key and the reason. */
  revoked: Schema.optionalKey(Schema.String),
  /** Whether it holds: it is not retracted, not revoked, and has not lost a conflict on a single-valued predicate. */
  holds: Schema.Boolean,
}).annotate({ identifier: "DescribedFact" });
export type DescribedFact = typeof DescribedFact.Type;

/**
 * A space with trust and the winners of conflicts, which derive from its records. They are computed once, and again
 * only after a new record.
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

  /** Returns the state of a conflict; undefined if the predicate may have several objects. */
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

  /** Returns whether a fact holds. Facts with the same object as the winner hold too. */
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
