import { ContentSum } from "./content-hash.ts";
import { FactIndex, IndexBy, type KnownFact, type Pattern, type Struck } from "./fact-index.ts";
import {
  type Belief,
  type Entry,
  type Evidence,
  evidenceKey,
  type Revocation,
  recordText,
  type Settlement,
} from "./record.ts";
import type { KnownRecords } from "./rules.ts";
import { type Counts, EvidenceCounts, type KnownEvidence } from "./trust.ts";

/** A known fact while evidence still comes in. */
interface MutableFact extends KnownFact {
  retraction?: Entry;
  revocation?: Entry;
  struck?: Array<Struck>;
  readonly evidence: Map<string, Entry>;
}

const before = (one: Entry, other: Entry): boolean =>
  one.record.stamp < other.record.stamp || (one.record.stamp === other.record.stamp && one.id < other.id);

const isFirst = (entry: Entry, known: Entry | undefined): boolean => known === undefined || before(entry, known);

/** What follows from records. */
class Derived {
  readonly facts = new Map<string, MutableFact>();
  readonly index = new FactIndex();
  readonly beliefs = new Map<string, Entry>();
  readonly settlements = new IndexBy<{ readonly id: string; readonly record: Settlement }>();
  readonly counts = new EvidenceCounts();
  /** Records about facts that have not come yet. */
  readonly #early = new Map<string, Set<Entry>>();

  take(entry: Entry, revoked: ReadonlyMap<string, Entry>): void {
    const { id, record } = entry;
    const revocation = revoked.get(id);
    switch (record.kind) {
      case "fact": {
        const known: MutableFact = { id, fact: record, evidence: new Map() };
        if (revocation !== undefined) known.revocation = revocation;
        this.facts.set(id, known);
        this.index.add(known);
        for (const early of this.#early.get(id) ?? []) this.take(early, revoked);
        this.#early.delete(id);
        return;
      }
      case "retraction":
      case "evidence": {
        const known = this.facts.get(record.fact);
        if (known === undefined) this.#keepEarly(record.fact, entry);
        else if (revocation !== undefined) known.struck = [...(known.struck ?? []), { entry, revocation }];
        else if (record.kind === "evidence") this.#takeEvidence(known, entry, record);
        else if (record.author === known.fact.author && isFirst(entry, known.retraction)) known.retraction = entry;
        return;
      }
      case "belief": {
        if (revocation !== undefined) return;
        const key = JSON.stringify([record.author, record.subject, record.predicate, record.object]);
        const last = this.beliefs.get(key);
        if (last === undefined || before(last, entry)) this.beliefs.set(key, entry);
        return;
      }
      case "settlement":
        this.settlements.add(aboutKey(record.subject, record.predicate), { id, record });
    }
  }

  #keepEarly(fact: string, entry: Entry): void {
    const early = this.#early.get(fact);
    if (early === undefined) this.#early.set(fact, new Set([entry]));
    else early.add(entry);
  }

  #takeEvidence(known: MutableFact, entry: Entry, record: Evidence): void {
    const { author: subject } = known.fact;
    if (record.author === subject) return;
    const key = evidenceKey(record);
    const counted = known.evidence.get(key);
    if (!isFirst(entry, counted)) return;
    known.evidence.set(key, entry);
    // Evidence on what a stolen key asserted says nothing of the author.
    if (known.revocation !== undefined) return;
    if (counted?.record.kind === "evidence") this.counts.count(subject, record.author, counted.record.verdict, -1);
    this.counts.count(subject, record.author, record.verdict, 1);
  }
}

/**
 * The records of a space with what it takes to ask for them. A set: adding in any order, and more than once, leads to
 * the same. Trust, confidence and the winners of conflicts are derived by functions beside it, and never kept in it.
 */
export class KnowledgeBase implements KnownRecords, KnownEvidence {
  readonly #entries = new Map<string, Entry>();
  readonly #content = new ContentSum();
  /** The revocations of records, which may come before them. */
  readonly #revoked = new Map<string, Entry>();
  /** Undefined after a revocation of records that were there already: what they had displaced counts again. */
  #derived: Derived | undefined = new Derived();
  #revision = 0;

  /** Adds an entry that is intact. Returns false if it is there already. */
  add(entry: Entry): boolean {
    if (this.#entries.has(entry.id)) return false;
    this.#entries.set(entry.id, entry);
    this.#content.add(entry.id);
    this.#revision += 1;
    if (entry.record.kind === "revocation") this.#revoke(entry, entry.record);
    else this.#derived?.take(entry, this.#revoked);
    return true;
  }

  /**
   * Returns a base without entries that were never accepted. It costs as much as the whole: the rest is added again.
   */
  without(ids: ReadonlySet<string>): KnowledgeBase {
    const rest = new KnowledgeBase();
    for (const entry of this.#entries.values()) if (!ids.has(entry.id)) rest.add(entry);
    return rest;
  }

  get size(): number {
    return this.#entries.size;
  }

  get factCount(): number {
    return this.#all.facts.size;
  }

  /** The digest of all records. */
  get content(): string {
    return this.#content.hex;
  }

  /** Grows with each record: what was derived from an earlier one is out of date. */
  get revision(): number {
    return this.#revision;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  entry(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  fact(id: string): KnownFact | undefined {
    return this.#all.facts.get(id);
  }

  facts(): Iterable<KnownFact> {
    return this.#all.facts.values();
  }

  authorOf(fact: string): string | undefined {
    return this.#all.facts.get(fact)?.fact.author;
  }

  isRetracted(fact: string): boolean {
    return this.#all.facts.get(fact)?.retraction !== undefined;
  }

  hasEvidence(key: string): boolean {
    return this.#all.facts.get(key.slice(0, 64))?.evidence.has(key) === true;
  }

  /** Returns everyone who has asserted facts or given evidence. */
  authors(): ReadonlySet<string> {
    return new Set([...this.#all.index.authors(), ...this.#all.counts.givers()]);
  }

  /** Returns the counts of evidence that others gave on the facts of an author. */
  countsOf(author: string): Counts {
    return this.#all.counts.on(author);
  }

  /** Returns the counts of evidence that one author gave on the facts of others, by their authors. */
  evidenceBy(author: string): ReadonlyMap<string, Counts> {
    return this.#all.counts.by(author);
  }

  /** The facts that fit, retracted ones too, in no order. */
  match(pattern: Pattern): Iterable<KnownFact> {
    return this.#all.index.match(pattern);
  }

  /** The facts that an entity is an end of. */
  about(entity: string): Iterable<KnownFact> {
    return this.#all.index.about(entity);
  }

  /** The newest belief of each author on each triple. */
  *beliefs(): Generator<{ readonly id: string; readonly belief: Belief }> {
    for (const { id, record } of this.#all.beliefs.values()) if (record.kind === "belief") yield { id, belief: record };
  }

  /** Returns the settlements of a conflict by votes. */
  settlements(subject: string, predicate: string): Iterable<{ readonly id: string; readonly record: Settlement }> {
    return this.#all.settlements.of(aboutKey(subject, predicate));
  }

  /** What follows from all records. It is made again at the first question after a revocation, not at each of many. */
  get #all(): Derived {
    if (this.#derived !== undefined) return this.#derived;
    const derived = new Derived();
    for (const entry of this.#entries.values()) derived.take(entry, this.#revoked);
    this.#derived = derived;
    return derived;
  }

  #revoke(entry: Entry, { records }: Revocation): void {
    const struck = records.filter((id) => isFirst(entry, this.#revoked.get(id)));
    for (const id of struck) this.#revoked.set(id, entry);
    if (struck.some((id) => this.#entries.has(id))) this.#derived = undefined;
  }
}

const aboutKey = (subject: string, predicate: string): string => JSON.stringify([subject, predicate]);

/** The canonical export of a space: the canonical text of each record, a line each, in the order of their ids. */
export const canonicalExport = (base: KnowledgeBase): string =>
  [...base.entries()]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ record }) => `${recordText(record)}\n`)
    .join("");
