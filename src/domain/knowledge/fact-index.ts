import { IndexBy } from "./index-by.ts";
import { entityOf, type KnownFact } from "./known-fact.ts";
import type { FactObject } from "./record.ts";

/** What to look for: each field that is given must be equal. */
export interface Pattern {
  readonly subject?: string;
  readonly predicate?: string;
  readonly object?: FactObject;
  readonly author?: string;
}

/** The facts of a space by what they say and who says it. */
export class FactIndex {
  readonly #facts: Array<KnownFact> = [];
  readonly #bySubject = new IndexBy<KnownFact>();
  readonly #byPredicate = new IndexBy<KnownFact>();
  readonly #byObject = new IndexBy<KnownFact>();
  readonly #byAuthor = new IndexBy<KnownFact>();

  /** Adds a fact that is not there yet. */
  add(known: KnownFact): void {
    const { subject, predicate, object, author } = known.fact;
    this.#facts.push(known);
    this.#bySubject.add(subject, known);
    this.#byPredicate.add(predicate, known);
    this.#byObject.add(entityOf(object), known);
    this.#byAuthor.add(author, known);
  }

  /** Who has asserted facts. */
  authors(): Iterable<string> {
    return this.#byAuthor.keys();
  }

  /** The facts that fit, in no order: the field that fewest have is looked up, the others are compared. */
  *match({ subject, predicate, object, author }: Pattern): Generator<KnownFact> {
    const found = [
      ...(subject === undefined ? [] : [this.#bySubject.of(subject)]),
      ...(object === undefined ? [] : [this.#byObject.of(entityOf(object))]),
      ...(predicate === undefined ? [] : [this.#byPredicate.of(predicate)]),
      ...(author === undefined ? [] : [this.#byAuthor.of(author)]),
    ];
    const fewest = found.reduce((least, one) => (one.length < least.length ? one : least), this.#facts);
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

  /** The facts that an entity is an end of. */
  *about(entity: string): Generator<KnownFact> {
    yield* this.#bySubject.of(entity);
    yield* this.#byObject.of(entity);
  }
}
