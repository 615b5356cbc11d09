import { Effect, Result, Schedule, type Schema } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import type { ViewStore } from "./ports/mod.ts";

export type Document = Schema.Json;
/** The documents of a view by id. */
export type Documents<D = Document> = ReadonlyMap<string, D>;

/**
 * A view as the engine sees it: a pure function from the events of one commit to the documents they change. A document
 * carries the `position` of the newest event in it.
 */
export interface MaintainedView {
  readonly name: string;
  /** Grows when `apply` or the documents change; the view is then rebuilt beside the one in use. */
  readonly version: number;
  apply(
    get: (id: string) => unknown,
    commit: ReadonlyArray<RecordedEvent>,
  ): ReadonlyArray<readonly [id: string, document: unknown]>;
  isIntact?(document: unknown): boolean;
}

/** A view in memory. */
export interface LiveView {
  readonly view: MaintainedView;
  readonly documents: Map<string, Document>;
  /** Ids changed since the last publication. */
  readonly changed: Set<string>;
  position: number;
  /** Whether it was logged that a newer version is published. */
  superseded: boolean;
  /** Why the view stands still: it could not take a commit. The others go on. */
  stuck: string | undefined;
}

/** Position of the newest event in a document; 0 if it has none. */
export const positionOf = (document: Document | undefined): number => {
  if (typeof document !== "object" || document === null || !("position" in document)) return 0;
  return typeof document.position === "number" ? document.position : 0;
};

/**
 * Returns a view as it was published last. It is empty, and so built again from the log, if another version was published
 * or a document is damaged.
 */
export const resume = Effect.fnUntraced(function* (viewStore: ViewStore["Service"], view: MaintainedView) {
  const stored = yield* viewStore.load(view.name).pipe(Effect.retry(Schedule.spaced("1 second")));
  const damaged = [...stored.documents].filter(([, document]) => view.isIntact?.(document) === false);
  if (damaged.length > 0)
    yield* Effect.logWarning(
      `view ${view.name}: ${damaged.map(([id]) => id).join(", ")} was published damaged: it is built again from the log`,
    );
  const same = stored.version === view.version && damaged.length === 0;
  const one: LiveView = {
    view,
    documents: same ? new Map(stored.documents) : new Map(),
    changed: new Set(),
    position: same ? stored.position : 0,
    superseded: false,
    stuck: undefined,
  };
  return one;
});

/**
 * Applies a commit to a view. Returns false if the view cannot take it and stands still from then on. Documents may be
 * newer than the checkpoint they were loaded with: commits that a document has seen are not applied to it again.
 */
export const applyTo = (one: LiveView, events: ReadonlyArray<RecordedEvent>, position: number): boolean => {
  if (one.stuck !== undefined || position <= one.position) return true;
  const applied = Result.try(() => one.view.apply((key) => one.documents.get(key), events));
  if (Result.isFailure(applied)) {
    one.stuck = `view ${one.view.name} cannot take the commit at position ${position} (${String(applied.failure)}): it stands still until a backend with a corrected view starts`;
    return false;
  }
  for (const [id, document] of applied.success) {
    if (positionOf(one.documents.get(id)) >= position) continue;
    if (document === undefined) one.documents.delete(id);
    else one.documents.set(id, document as Document);
    one.changed.add(id);
  }
  one.position = position;
  return true;
};
