import { ContentSum } from "./content-hash.ts";
import type { Entry } from "./entry.ts";
import { type Belief, type Evidence, evidenceKey, type Fact, type FactObject, type Settlement } from "./record.ts";
import type { KnownRecords } from "./rules.ts";

/** A fact with what others said about it. */
export interface KnownFact {
  readonly id: string;
  readonly fact: Fact;
  /** The retraction, where there is one: by the first stamp, should there be two. */
  readonly retraction?: Entry;
  /** Each counts once: of two under one key, the first stamp, then the lower id. */
  readonly evidence: ReadonlyMap<string, Entry>;
}

/** The same while evidence still comes in. */
interface MutableFact extends KnownFact {
  retraction?: Entry;
  readonly evidence: Map<string, Entry>;
}

/** Counts of evidence: for and against. */
export interface Counts {
  readonly supports: number;
  readonly disputes: number;
}

/** What to look for: each field that is given must be equal. */
export interface Pattern {
  readonly subject?: string;
  readonly predicate?: string;
  readonly object?: FactObject;
  readonly author?: string;
}

/** One end of an edge of the knowledge graph: a subject, or an object as text. */
export const entityOf = (object: FactObject): string => (typeof object === "string" ? object : String(object));

const before = (one: Entry, other: Entry): boolean =>
  one.record.stamp < other.record.stamp || (one.record.stamp === other.record.stamp && one.id < other.id);

const isFirst = (entry: Entry, known: Entry | undefined): boolean => known === undefined || before(entry, known);

/** Ids by key. Most keys have one id, which then needs no set of its own. */
class Index {
  readonly #ids = new Map<string, string | Set<string>>();

  add(key: string, id: string): void {
    const known = this.#ids.get(key);
    if (known === undefined) this.#ids.set(key, id);
    else if (typeof known === "string") this.#ids.set(key, new Set([known, id]));
    else known.add(id);
  }

  of(key: string): ReadonlySet<string> {
    const known = this.#ids.get(key);
    if (known === undefined) return nothing;
    return typeof known === "string" ? new Set([known]) : known;
  }

  keys(): IterableIterator<string> {
    return this.#ids.keys();
  }
}

const nothing: ReadonlySet<string> = new Set();

/**
 * The records of a space with what it takes to ask for them. A set: adding in any order, and more than once, leads to the
 * same. What is derived (trust, confidence, who wins a conflict) is in functions beside it, and never kept in it.
 */
export class KnowledgeBase implements KnownRecords {
  readonly #entries = new Map<string, Entry>();
  readonly #facts = new Map<string, MutableFact>();
  /** What is about facts that have not come yet. */
  readonly #early = new Map<string, Set<Entry>>();
  readonly #bySubject = new Index();
  readonly #byPredicate = new Index();
  readonly #byObject = new Index();
  readonly #byAuthor = new Index();
  readonly #beliefs = new Map<string, Entry>();
  readonly #settlements = new Index();
  readonly #counts = new Map<string, Counts>();
  readonly #evidenceBy = new Map<string, Map<string, Counts>>();
  readonly #content = new ContentSum();
  #revision = 0;

  /** Adds an entry that is intact; false where it is there already. */
  add(entry: Entry): boolean {
    if (this.#entries.has(entry.id)) return false;
    this.#entries.set(entry.id, entry);
    this.#content.add(entry.id);
    this.#revision += 1;
    this.#index(entry);
    return true;
  }

  /** Takes out entries that were never accepted. Costs as much as the whole: it is made anew from the rest. */
  without(ids: ReadonlySet<string>): KnowledgeBase {
    const rest = new KnowledgeBase();
    for (const entry of this.#entries.values()) if (!ids.has(entry.id)) rest.add(entry);
    return rest;
  }

  get size(): number {
    return this.#entries.size;
  }

  get factCount(): number {
    return this.#facts.size;
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
    return this.#facts.get(id);
  }

  facts(): Iterable<KnownFact> {
    return this.#facts.values();
  }

  authorOf(fact: string): string | undefined {
    return this.#facts.get(fact)?.fact.author;
  }

  isRetracted(fact: string): boolean {
    return this.#facts.get(fact)?.retraction !== undefined;
  }

  hasEvidence(key: string): boolean {
    return this.#facts.get(key.slice(0, 64))?.evidence.has(key) === true;
  }

  /** Who has asserted facts, or given evidence. */
  authors(): ReadonlySet<string> {
    return new Set([...this.#byAuthor.keys(), ...this.#evidenceBy.keys()]);
  }

  /** What others gave for and against the facts of an author. */
  countsOf(author: string): Counts {
    return this.#counts.get(author) ?? { supports: 0, disputes: 0 };
  }

  /** What one author gave for and against the facts of others, by their authors. */
  evidenceBy(author: string): ReadonlyMap<string, Counts> {
    return this.#evidenceBy.get(author) ?? new Map();
  }

  /** The facts that fit, retracted ones too, in no order. */
  *match({ subject, predicate, object, author }: Pattern): Generator<KnownFact> {
    const found = [
      ...(subject === undefined ? [] : [this.#bySubject.of(subject)]),
      ...(object === undefined ? [] : [this.#byObject.of(entityOf(object))]),
      ...(predicate === undefined ? [] : [this.#byPredicate.of(predicate)]),
      ...(author === undefined ? [] : [this.#byAuthor.of(author)]),
    ];
    const fits = ({ fact }: KnownFact): boolean =>
      (subject === undefined || fact.subject === subject) &&
      (predicate === undefined || fact.predicate === predicate) &&
      (object === undefined || fact.object === object) &&
      (author === undefined || fact.author === author);
    const smallest = found.reduce<ReadonlySet<string> | undefined>(
      (least, one) => (least === undefined || one.size < least.size ? one : least),
      undefined,
    );
    for (const id of smallest ?? this.#facts.keys()) {
      const known = this.#facts.get(id);
      if (known !== undefined && fits(known)) yield known;
    }
  }

  /** The facts that an entity is an end of. */
  *about(entity: string): Generator<KnownFact> {
    for (const index of [this.#bySubject, this.#byObject])
      for (const id of index.of(entity)) {
        const known = this.#facts.get(id);
        if (known !== undefined) yield known;
      }
  }

  /** The newest belief of each author on each triple. */
  *beliefs(): Generator<{ readonly id: string; readonly belief: Belief }> {
    for (const { id, record } of this.#beliefs.values()) if (record.kind === "belief") yield { id, belief: record };
  }

  /** What votes decided on a conflict. */
  *settlements(subject: string, predicate: string): Generator<{ readonly id: string; readonly record: Settlement }> {
    for (const id of this.#settlements.of(aboutKey(subject, predicate))) {
      const record = this.#entries.get(id)?.record;
      if (record?.kind === "settlement") yield { id, record };
    }
  }

  #index(entry: Entry): void {
    const { id, record } = entry;
    switch (record.kind) {
      case "fact": {
        this.#facts.set(id, { id, fact: record, evidence: new Map() });
        this.#bySubject.add(record.subject, id);
        this.#byPredicate.add(record.predicate, id);
        this.#byObject.add(entityOf(record.object), id);
        this.#byAuthor.add(record.author, id);
        for (const early of this.#early.get(id) ?? []) this.#index(early);
        this.#early.delete(id);
        return;
      }
      case "retraction":
      case "evidence": {
        const known = this.#facts.get(record.fact);
        if (known === undefined) this.#keepEarly(record.fact, entry);
        else if (record.kind === "evidence") this.#takeEvidence(known, entry, record);
        else if (record.author === known.fact.author && isFirst(entry, known.retraction)) known.retraction = entry;
        return;
      }
      case "belief": {
        const key = JSON.stringify([record.author, record.subject, record.predicate, record.object]);
        const last = this.#beliefs.get(key);
        if (last === undefined || before(last, entry)) this.#beliefs.set(key, entry);
        return;
      }
      case "settlement":
        this.#settlements.add(aboutKey(record.subject, record.predicate), id);
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
    if (counted?.record.kind === "evidence") this.#count(subject, record.author, counted.record.verdict, -1);
    this.#count(subject, record.author, record.verdict, 1);
    known.evidence.set(key, entry);
  }

  #count(of: string, by: string, verdict: Evidence["verdict"], change: number): void {
    this.#counts.set(of, changed(this.#counts.get(of), verdict, change));
    const given = this.#evidenceBy.get(by) ?? new Map<string, Counts>();
    this.#evidenceBy.set(by, given.set(of, changed(given.get(of), verdict, change)));
  }
}

const aboutKey = (subject: string, predicate: string): string => JSON.stringify([subject, predicate]);

const changed = (
  { supports, disputes }: Counts = { supports: 0, disputes: 0 },
  verdict: Evidence["verdict"],
  change: number,
): Counts =>
  verdict === "support" ? { supports: supports + change, disputes } : { supports, disputes: disputes + change };
