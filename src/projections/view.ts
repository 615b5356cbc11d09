import { Schema } from "effect";
import type { EventSpecs, PlainSchema, RecordedEvent, RecordedEventOf } from "../domain/kernel/mod.ts";
import { isEventOf } from "../domain/kernel/mod.ts";

/**
 * A read model: documents by key, derived from the log and from nothing else.
 *
 * `version` must grow whenever `document` or `apply` change meaning: the view is then built anew from the log.
 */
export interface View<Doc extends Schema.Json = Schema.Json> {
  /** The view's name in subjects and bucket names: `tasks`. */
  readonly name: string;
  readonly version: number;
  readonly document: PlainSchema<Doc>;
  /**
   * The documents that one commit's events change; `undefined` deletes one. Pure. The events of a commit come together,
   * so that a commit of many costs one document, not one per event.
   *
   * A method, as `summarize` is, so that views of different documents go into one list: a view's documents only ever
   * come from that view.
   */
  apply(
    get: (key: string) => Doc | undefined,
    commit: ReadonlyArray<RecordedEvent>,
  ): ReadonlyArray<readonly [key: string, document: Doc | undefined]>;
  /** What `list` shows in place of the whole document, where that may be large. */
  summarize?(document: Doc): Schema.Json;
  /** Whether a published document is as it was written; where one is not, the view is built anew from the log. */
  isIntact?(document: unknown): boolean;
}

/** Gives a view its types. */
export const defineView = <Doc extends Schema.Json>(view: View<Doc>): View<Doc> => view;

/**
 * `apply` of a view that has one document for each aggregate of one kind: `evolve` gives the document after an event;
 * it gets `undefined` before the first.
 */
export const foldEvents =
  <Doc, E extends EventSpecs>(
    source: { readonly name: string; readonly events: E },
    evolve: (document: Doc | undefined, event: RecordedEventOf<E>) => Doc | undefined,
  ) =>
  (get: (key: string) => Doc | undefined, commit: ReadonlyArray<RecordedEvent>) => {
    const id = commit[0]?.id;
    if (id === undefined || commit[0]?.aggregate !== source.name) return [];
    const document = commit.reduce<Doc | undefined>(
      (current, event) => (isEventOf(source, event) ? evolve(current, event) : current),
      get(id),
    );
    return [[id, document] as const];
  };

/** What each document has: the number of the aggregate's newest event, and the position of the newest commit in it. */
export const documentFields = { id: Schema.String, version: Schema.Int, position: Schema.Int };

/** These fields after an event of the document's own aggregate. */
export const stampOf = ({ id, version, position }: Pick<RecordedEvent, "id" | "version" | "position">) => ({
  id,
  version,
  position,
});
