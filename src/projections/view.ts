import type { DocumentOf, ViewName } from "../contract/views/mod.ts";
import { type EventSpecs, isEventOf, type RecordedEvent, type RecordedEventOf } from "../domain/kernel/mod.ts";

/**
 * How the documents of a published view follow from the log, and from nothing else.
 *
 * `version` must grow whenever the document or `apply` change meaning. The view is then built again from the log.
 */
export interface View<V extends ViewName = ViewName> {
  readonly name: V;
  readonly version: number;
  /**
   * Returns the documents that one commit changes; `undefined` deletes one. Pure. The events of a commit come together,
   * so that a commit of many events costs one document, not one for each event.
   *
   * A method, so that views of different documents go into one list: a view's documents only ever come from that view.
   */
  apply(
    get: (key: string) => DocumentOf<V> | undefined,
    commit: ReadonlyArray<RecordedEvent>,
  ): ReadonlyArray<readonly [key: string, document: DocumentOf<V> | undefined]>;
  /** Whether a published document is as it was written. If one is not, the view is built again from the log. */
  isIntact?(document: unknown): boolean;
  /** The id of the document of an aggregate; undefined if the view has none for it. */
  keyOf?(aggregate: string, id: string): string | undefined;
}

/** Gives a view the types of its published documents, by its name. */
export const defineView = <const V extends ViewName>(view: View<V>): View<V> => view;

/** `keyOf` of a view that has one document for each aggregate of one kind, by its id. */
export const oneForEach =
  ({ name }: { readonly name: string }) =>
  (aggregate: string, id: string): string | undefined =>
    aggregate === name ? id : undefined;

/**
 * `apply` of a view that has one document for each aggregate of one kind. `evolve` returns the document after an event.
 * It gets `undefined` before the first event.
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

/** The fields of every document after an event of the document's own aggregate. */
export const stampOf = ({ id, version, position }: Pick<RecordedEvent, "id" | "version" | "position">) => ({
  id,
  version,
  position,
});
