import { confidenceOf } from "./confidence.ts";
import type { FactObject } from "./fact.ts";
import type { KnownFact } from "./fact-index.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { type Policy, strategyOf } from "./policy.ts";
import { type Resolution, resolutionOf } from "./resolution.ts";
import { type Trust, trustIn } from "./trust.ts";

/** A fact as it is told to those who ask. */
export interface DescribedFact {
  readonly id: string;
  readonly subject: string;
  readonly predicate: string;
  readonly object: FactObject;
  readonly author: string;
  readonly stamp: string;
  readonly source?: string;
  /** What the author said. */
  readonly asserted: number;
  /** What follows from trust and evidence. */
  readonly confidence: number;
  readonly supports: number;
  readonly disputes: number;
  readonly retracted: boolean;
  /** Whether it holds: not retracted, and not beaten by another one where there can be one only. */
  readonly holds: boolean;
}

/**
 * A space as it stands, with what is derived from its records: trust, and who wins conflicts. Derived once and kept only
 * until a record comes in.
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

  /** How a conflict stands; undefined where the predicate may have many objects. */
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
  holds({ fact, retraction }: KnownFact): boolean {
    if (retraction !== undefined) return false;
    const resolution = this.resolution(fact.subject, fact.predicate);
    if (resolution === undefined) return true;
    const winner = resolution.candidates.find(({ id }) => id === resolution.winner);
    return winner?.object === fact.object;
  }

  confidence(known: KnownFact): number {
    return confidenceOf(known, this.trust);
  }

  describe(known: KnownFact): DescribedFact {
    const { fact, evidence, id } = known;
    const { subject, predicate, object, author, stamp, source, confidence: asserted } = fact;
    let supports = 0;
    for (const { record } of evidence.values())
      if (record.kind === "evidence" && record.verdict === "support") supports += 1;
    return {
      ...{ id, subject, predicate, object, author, stamp },
      ...(source === undefined ? {} : { source }),
      ...{ asserted, confidence: this.confidence(known), supports, disputes: evidence.size - supports },
      retracted: known.retraction !== undefined,
      holds: this.holds(known),
    };
  }
}
