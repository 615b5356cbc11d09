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

/** A known fact that still collects evidence. */
interface MutableFact extends KnownFact {
  retraction?: Entry;
  revocation?: Entry;
  struck?: Array<Struck>;
  readonly evidence: Map<string, Entry>;
}

const before = (one: Entry, other: Entry): boolean =>
  one.record.stamp < other.record.stamp || (one.record.stamp === other.record.stamp && one.id < other.id);

const isFirst = (entry: Entry, known: Entry | undefined): boolean => known === undefined || before(entry, known);

const beliefKey = ({ author, subject, predicate, object }: Belief): string =>
  JSON.stringify([author, subject, predicate, object]);

/**
 * What derives from records. It keeps the source records of each fact and belief. So after a revocation only the
 * affected ones are derived again. Deriving a large space as a whole takes long.
 */
class Derived {
  readonly facts = new Map<string, MutableFact>();
  readonly index = new FactIndex();
  readonly beliefs = new Map<string, Entry>();
  readonly settlements = new IndexBy<{ readonly id: string; readonly record: Settlement }>();
  readonly counts = new EvidenceCounts();
  /** Retractions and evidence by their fact. They may arrive before the fact. */
  readonly #about = new IndexBy<Entry>();
  readonly #stated = new IndexBy<Entry>();
  /** The revocations of records. They may arrive before the records. */
  readonly #revoked: ReadonlyMap<string, Entry>;

  constructor(revoked: ReadonlyMap<string, Entry>) {
    this.#revoked = revoked;
  }

  take(entry: Entry): void {
    const { id, record } = entry;
    switch (record.kind) {
      case "fact": {
        const known: MutableFact = { id, fact: record, evidence: new Map() };
        this.facts.set(id, known);
        this.index.add(known);
        this.#deriveFact(known);
        return;
      }
      case "retraction":
      case "evidence": {
        this.#about.add(record.fact, entry);
        const known = this.facts.get(record.fact);
        if (known !== undefined) this.#takeAbout(known, entry);
        return;
      }
      case "belief": {
        const key = beliefKey(record);
        this.#stated.add(key, entry);
        this.#takeBelief(key, entry);
        return;
      }
      case "settlement":
        this.settlements.add(aboutKey(record.subject, record.predicate), { id, record });
    }
  }

  /**
   * Derives everything again that depends on existing records that were now revoked. Records that they had displaced
   * count again.
   */
  strike(entries: ReadonlyArray<Entry>): void {
    const [facts, beliefs] = [new Set<string>(), new Set<string>()];
    for (const { id, record } of entries) {
      if (record.kind === "fact") facts.add(id);
      else if (record.kind === "retraction" || record.kind === "evidence") facts.add(record.fact);
      else if (record.kind === "belief") beliefs.add(beliefKey(record));
    }
    for (const id of facts) {
      const known = this.facts.get(id);
      if (known !== undefined) this.#deriveFact(known);
    }
    for (const key of beliefs) {
      this.beliefs.delete(key);
      for (const entry of this.#stated.of(key)) this.#takeBelief(key, entry);
    }
  }

  #deriveFact(known: MutableFact): void {
    for (const entry of known.evidence.values()) this.#count(known, entry, -1);
    known.evidence.clear();
    delete known.retraction;
    delete known.struck;
    const revocation = this.#revoked.get(known.id);
    if (revocation !== undefined) known.revocation = revocation;
    for (const entry of this.#about.of(known.id)) this.#takeAbout(known, entry);
  }

  #takeAbout(known: MutableFact, entry: Entry): void {
    const { record } = entry;
    const revocation = this.#revoked.get(entry.id);
    if (revocation !== undefined) known.struck = [...(known.struck ?? []), { entry, revocation }];
    else if (record.kind === "evidence") this.#takeEvidence(known, entry, record);
    else if (record.author === known.fact.author && isFirst(entry, known.retraction)) known.retraction = entry;
  }

  #takeEvidence(known: MutableFact, entry: Entry, record: Evidence): void {
    if (record.author === known.fact.author) return;
    const key = evidenceKey(record);
    const counted = known.evidence.get(key);
    if (!isFirst(entry, counted)) return;
    known.evidence.set(key, entry);
    if (counted !== undefined) this.#count(known, counted, -1);
    this.#count(known, entry, 1);
  }

  /** Evidence about an assertion of a stolen key does not concern the author. */
  #count({ fact: { author }, revocation }: MutableFact, { record }: Entry, change: 1 | -1): void {
    if (record.kind !== "evidence" || revocation !== undefined) return;
    this.counts.count(author, record.author, record.verdict, change);
  }

  #takeBelief(key: string, entry: Entry): void {
    if (this.#revoked.has(entry.id)) return;
    const last = this.beliefs.get(key);
    if (last === undefined || before(last, entry)) this.beliefs.set(key, entry);
  }
}

/**
 * The records of a space, indexed for queries. It is a set: the order and the repetition of additions do not matter.
 * Trust, confidence and the winners of conflicts are not stored in it. Separate functions derive them.
 */
export class KnowledgeBase implements KnownRecords, KnownEvidence {
  readonly #entries = new Map<string, Entry>();
  readonly #content = new ContentSum();
  readonly #revoked = new Map<string, Entry>();
  readonly #derived = new Derived(this.#revoked);
  #revision = 0;

  /** Adds an intact entry. Returns false if it is in the set already. */
  add(entry: Entry): boolean {
    if (this.#entries.has(entry.id)) return false;
    this.#entries.set(entry.id, entry);
    this.#content.add(entry.id);
    this.#revision += 1;
    if (entry.record.kind === "revocation") this.#revoke(entry, entry.record);
    else this.#derived.take(entry);
    return true;
  }

  /**
   * Returns a base without entries that were never accepted. This is expensive, because all other entries are added
   * again.
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
    return this.#derived.facts.size;
  }

  /** Returns the digest of all records. */
  get content(): string {
    return this.#content.hex;
  }

  /** Grows with each record. Values derived at an earlier revision are outdated. */
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
    return this.#derived.facts.get(id);
  }

  facts(): Iterable<KnownFact> {
    return this.#derived.facts.values();
  }

  authorOf(fact: string): string | undefined {
    return this.#derived.facts.get(fact)?.fact.author;
  }

  isRetracted(fact: string): boolean {
    return this.#derived.facts.get(fact)?.retraction !== undefined;
  }

  hasEvidence(key: string): boolean {
    return this.#derived.facts.get(key.slice(0, 64))?.evidence.has(key) === true;
  }

  /** Returns all authors of facts or evidence. */
  authors(): ReadonlySet<string> {
    return new Set([...this.#derived.index.authors(), ...this.#derived.counts.givers()]);
  }

  /** Returns the counts of others' evidence about the facts of an author. */
  countsOf(author: string): Counts {
    return this.#derived.counts.on(author);
  }

  /** Returns the counts of one author's evidence about the facts of others, by their authors. */
  evidenceBy(author: string): ReadonlyMap<string, Counts> {
    return this.#derived.counts.by(author);
  }

  /** Returns the matching facts, including retracted ones, in no particular order. */
  match(pattern: Pattern): Iterable<KnownFact> {
    return this.#derived.index.match(pattern);
  }

  /** Returns the facts that have the entity as subject or object. */
  about(entity: string): Iterable<KnownFact> {
    return this.#derived.index.about(entity);
  }

  /** Returns the newest belief of each author about each triple. */
  *beliefs(): Generator<{ readonly id: string; readonly belief: Belief }> {
    for (const { id, record } of this.#derived.beliefs.values())
      if (record.kind === "belief") yield { id, belief: record };
  }

  /** Returns the settlements of a conflict by votes. */
  settlements(subject: string, predicate: string): Iterable<{ readonly id: string; readonly record: Settlement }> {
    return this.#derived.settlements.of(aboutKey(subject, predicate));
  }

  #revoke(entry: Entry, { records }: Revocation): void {
    const struck = records.filter((id) => isFirst(entry, this.#revoked.get(id)));
    for (const id of struck) this.#revoked.set(id, entry);
    this.#derived.strike(struck.flatMap((id) => this.#entries.get(id) ?? []));
  }
}

const aboutKey = (subject: string, predicate: string): string => JSON.stringify([subject, predicate]);

/**
 * Returns the canonical export of a space: the canonical text of each record, one per line, in the order of their ids.
 */
export const canonicalExport = (base: KnowledgeBase): string =>
  [...base.entries()]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ record }) => `${recordText(record)}\n`)
    .join("");
