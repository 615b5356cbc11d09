import { entityOf, type Fact, type FactObject } from "./fact.ts";
import type { Entry } from "./record.ts";

/** A fact with the records of others about it. */
export interface KnownFact {
  readonly id: string;
  readonly fact: Fact;
  /** The retraction, if there is one. Of two, the one with the earlier stamp. */
  readonly retraction?: Entry;
  /**
   * Present if the key that signed the fact was revoked. Of two, the one with the earlier stamp, then with the lower
   * id.
   */
  readonly revocation?: Entry;
  /** Retractions and evidence that do not count, because the key that signed them was revoked. */
  readonly struck?: ReadonlyArray<Struck>;
  /** Evidence by its key. Of two with one key, the one with the earlier stamp, then with the lower id. */
  readonly evidence: ReadonlyMap<string, Entry>;
}

/** A record that does not count, and the revocation that is the reason. */
export interface Struck {
  readonly entry: Entry;
  readonly revocation: Entry;
}

/** Returns whether a fact is neither retracted nor signed with a revoked key. */
export const stands = ({ retraction, revocation }: KnownFact): boolean =>
  retraction === undefined && revocation === undefined;

/** Returns why a record does not count. */
export const revocationText = ({ record }: Entry): string =>
  record.kind === "revocation" ? `the key ${record.publicKey} was revoked: ${record.reason}` : "";

const nothing: ReadonlyArray<never> = [];

/** Values by key, in the order of arrival. Most keys have one value, which is stored without a list. */
export class IndexBy<T extends object> {
  readonly #values = new Map<string, T | Array<T>>();

  add(key: string, value: T): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, value);
    else if (Array.isArray(known)) known.push(value);
    else this.#values.set(key, [known, value]);
  }

  of(key: string): ReadonlyArray<T> {
    const known = this.#values.get(key);
    if (known === undefined) return nothing;
    return Array.isArray(known) ? known : [known];
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }
}

/** A pattern of facts. Each given field must be equal. */
export interface Pattern {
  readonly subject?: string;
  readonly predicate?: string;
  readonly object?: FactObject;
  readonly author?: string;
}

/** The facts of a space by subject, predicate, object and author. */
export class FactIndex {
  readonly #facts: Array<KnownFact> = [];
  readonly #bySubject = new IndexBy<KnownFact>();
  readonly #byPredicate = new IndexBy<KnownFact>();
  readonly #byObject = new IndexBy<KnownFact>();
  readonly #byAuthor = new IndexBy<KnownFact>();

  /** Adds a fact that is not in the index yet. */
  add(known: KnownFact): void {
    const { subject, predicate, object, author } = known.fact;
    this.#facts.push(known);
    this.#bySubject.add(subject, known);
    this.#byPredicate.add(predicate, known);
    this.#byObject.add(entityOf(object), known);
    this.#byAuthor.add(author, known);
  }

  /** Returns the authors of facts. */
  authors(): Iterable<string> {
    return this.#byAuthor.keys();
  }

  /**
   * Returns the matching facts in no particular order. Looks up the field with the fewest facts, and compares the
   * others.
   */
  *match({ subject, predicate, object, author }: Pattern): Generator<KnownFact> {
    const found: Array<ReadonlyArray<KnownFact>> = [this.#facts];
    if (subject !== undefined) found.push(this.#bySubject.of(subject));
    if (object !== undefined) found.push(this.#byObject.of(entityOf(object)));
    if (predicate !== undefined) found.push(this.#byPredicate.of(predicate));
    if (author !== undefined) found.push(this.#byAuthor.of(author));
    const fewest = found.reduce((least, one) => (one.length < least.length ? one : least));
    for (const known of fewest) {
      const { fact } = known;
      if (
        (subject === undefined || fact.subject === subject) &&
        (predicate === undefined || fact.predicate === predicate) &&
        (object === undefined || fact.object === object) &&
        (author === undefined || fact.author === author)
      )
        yield known;
    }
  }

  /** Returns the facts that have the entity as subject or object. */
  *about(entity: string): Generator<KnownFact> {
    yield* this.#bySubject.of(entity);
    yield* this.#byObject.of(entity);
  }
}
