import { isEventOf, type RecordedEvent } from "../domain/kernel/mod.ts";
import type { IndexedText, TextIndex } from "../domain/knowledge/concept-search.ts";
import { changeIn, type EpochSnapshot, entryOfChange } from "../domain/knowledge/contract.ts";
import { knowledge } from "../domain/knowledge/decider.ts";
import { Knowledge } from "../domain/knowledge/described.ts";
import { KnowledgeBase } from "../domain/knowledge/knowledge-base.ts";
import { defaultPolicy, type Policy } from "../domain/knowledge/policy.ts";
import type { Entry } from "../domain/knowledge/record.ts";

/** A record or a change of rules that the log added to a space, with its position. */
export type Addition = { readonly position: number; readonly time: string } & (
  | { readonly entry: Entry }
  | { readonly policy: Policy }
);

/** A moment of the past: a position of the log, or a time. */
export interface Moment {
  readonly position?: number;
  readonly time?: string;
}

const isUpTo = (moment: Moment, { position, time }: Addition): boolean =>
  (moment.position === undefined || position <= moment.position) && (moment.time === undefined || time <= moment.time);

const textOf = ({ id, record }: Entry): ReadonlyArray<IndexedText> =>
  record.kind === "fact"
    ? [
        {
          id,
          subject: record.subject,
          predicate: record.predicate,
          object: String(record.object),
          source: record.source ?? "",
        },
      ]
    : [];

/** One space in memory, up to some position. It only grows, and can be rebuilt from the log. */
export class KnowledgeSpace {
  readonly #additions: Array<Addition> = [];
  readonly #positions = new Map<string, number>();
  readonly #base = new KnowledgeBase();
  readonly #index: TextIndex;
  #indexed = 0;
  #knowledge = new Knowledge(this.#base, defaultPolicy);
  #snapshot: EpochSnapshot | undefined;
  /** Position of the newest commit and number of the newest event in it. */
  position = 0;
  version = 0;

  constructor(index: TextIndex) {
    this.#index = index;
  }

  get now(): Knowledge {
    return this.#knowledge;
  }

  /** The newest snapshot in the log. */
  get snapshot(): EpochSnapshot | undefined {
    return this.#snapshot;
  }

  get additions(): ReadonlyArray<Addition> {
    return this.#additions;
  }

  /** Returns the position of a record in the log. */
  positionOf(id: string): number | undefined {
    return this.#positions.get(id);
  }

  add(addition: Addition): void {
    this.#additions.push(addition);
    if ("policy" in addition) {
      this.#knowledge = new Knowledge(this.#base, addition.policy);
      return;
    }
    this.#base.add(addition.entry);
    this.#positions.set(addition.entry.id, addition.position);
  }

  /** Applies the next event of the space's history. */
  take(event: RecordedEvent): void {
    const { position, time, version } = event;
    this.position = position;
    this.version = version;
    if (!isEventOf(knowledge, event)) return;
    if (event.type === "space-configured") this.add({ position, time, policy: event.data.policy });
    else if (event.type === "epoch-started") this.#snapshot = event.data.snapshot;
    const change = changeIn(event);
    if (change !== undefined) this.add({ position, time, entry: entryOfChange(change) });
  }

  /** The text index of all facts. It is built at first use, because most spaces are never searched. */
  get index(): TextIndex {
    const rest = this.#additions.slice(this.#indexed);
    this.#indexed = this.#additions.length;
    this.#index.add(rest.flatMap((addition) => ("entry" in addition ? textOf(addition.entry) : [])));
    return this.#index;
  }

  /** Returns the space at a moment, with the texts of its facts. */
  at(moment: Moment): { readonly knowledge: Knowledge; readonly texts: ReadonlyArray<IndexedText> } {
    const base = new KnowledgeBase();
    const texts: Array<IndexedText> = [];
    let policy = defaultPolicy;
    for (const addition of this.#additions) {
      if (!isUpTo(moment, addition)) continue;
      if ("policy" in addition) policy = addition.policy;
      else if (base.add(addition.entry)) texts.push(...textOf(addition.entry));
    }
    return { knowledge: new Knowledge(base, policy), texts };
  }
}
