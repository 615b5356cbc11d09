import type { DocumentOf, ViewName } from "../contract/views/mod.ts";
import { type EventSpecs, isEventOf, type RecordedEvent, type RecordedEventOf } from "../domain/kernel/mod.ts";

/**
 * How the documents of a published view derive from the log, and from nothing else.
 *
 * `version` must grow whenever the meaning of the document or of `apply` changes. The view is then rebuilt from the
 * log. Otherwise it would mix documents of both meanings.
 */
export interface View<V extends ViewName = ViewName> {
  readonly name: V;
  readonly version: number;
  /**
   * Returns the documents that one commit changes; `undefined` deletes one. Pure. It gets all events of a commit
   * together, so that a large commit writes each document once.
   *
   * A method, because its parameter is then bivariant: views of different documents fit into one list. A view only gets
   * its own documents.
   */
  apply(
    get: (key: string) => DocumentOf<V> | undefined,
    commit: ReadonlyArray<RecordedEvent>,
  ): ReadonlyArray<readonly [key: string, document: DocumentOf<V> | undefined]>;
  /** Returns whether a published document is unaltered. If one is not, the view is rebuilt from the log. */
  isIntact?(document: unknown): boolean;
  /** Returns the id of an aggregate's document; undefined if the view has none for it. */
  keyOf?(aggregate: string, id: string): string | undefined;
}

/** Returns its view, typed by the published documents of that name. */
export const defineView = <const V extends ViewName>(view: View<V>): View<V> => view;

/** The `keyOf` of a view with one document for each aggregate of one kind, under the aggregate's id. */
export const oneForEach =
  ({ name }: { readonly name: string }) =>
  (aggregate: string, id: string): string | undefined =>
    aggregate === name ? id : undefined;

/**
 * Returns the `apply` of a view with one document for each aggregate of one kind. `evolve` returns the document after
 * an event. Before the first event, it gets `undefined`.
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

/** Returns the fields of every document after an event of its own aggregate. */
export const stampOf = ({ id, version, position }: Pick<RecordedEvent, "id" | "version" | "position">) => ({
  id,
  version,
  position,
});
