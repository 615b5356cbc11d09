import { Effect, Option, Result, Schedule, Schema } from "effect";
import { Damage } from "../contract/views/view.ts";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import { isBeyondLog } from "./end-of-log.ts";
import type { ViewStore } from "./ports/mod.ts";
import { forEachInSlices } from "./time-slices.ts";

export type Document = Schema.Json;
/** The documents of a view by id. */
export type Documents<D = Document> = ReadonlyMap<string, D>;

/**
 * A view as the engine uses it: a pure function from the events of one commit to the documents that they change. A
 * document has the `position` of its newest event.
 */
export interface MaintainedView {
  readonly name: string;
  /** Must grow when `apply` or the documents change. The view is then rebuilt beside the one in use. */
  readonly version: number;
  apply(
    get: (id: string) => unknown,
    commit: ReadonlyArray<RecordedEvent>,
  ): ReadonlyArray<readonly [id: string, document: unknown]>;
  isIntact?(document: unknown): boolean;
  /** Returns the id of an aggregate's document; undefined if the view has none for it. */
  keyOf?(aggregate: string, id: string): string | undefined;
}

/** A view in memory. */
export interface LiveView {
  readonly view: MaintainedView;
  readonly documents: Map<string, Document>;
  /** Ids that changed since the last publication. */
  readonly changed: Set<string>;
  position: number;
  /** Whether the published documents do not belong to this log. Then everything is published again. */
  readonly distrusted: boolean;
  /** Whether it was logged that a newer version is published. */
  superseded: boolean;
  /** Damages of aggregates, by the id of the document, or by the aggregate if it has no document. */
  readonly damaged: Map<string, Damage>;
}

/** Returns a view before the first event. */
export const emptyView = (view: MaintainedView): LiveView => ({
  view,
  documents: new Map(),
  changed: new Set(),
  position: 0,
  distrusted: false,
  superseded: false,
  damaged: new Map(),
});

/** Returns the position of a document's newest event; 0 if it has none. */
export const positionOf = (document: Document | undefined): number => {
  if (typeof document !== "object" || document === null || !("position" in document)) return 0;
  return typeof document.position === "number" ? document.position : 0;
};

/**
 * Returns a view as it was last published. The view is empty, and is then rebuilt from the log, in three cases: another
 * version was published, a document is damaged, or a document lies beyond the end of the log.
 */
export const resume = Effect.fnUntraced(function* (viewStore: ViewStore["Service"], view: MaintainedView) {
  const stored = yield* viewStore.load(view.name).pipe(Effect.retry(Schedule.spaced("1 second")));
  const damaged: Array<string> = [];
  let furthest = stored.position;
  yield* forEachInSlices(stored.documents, ([id, document]) => {
    if (view.isIntact?.(document) === false) damaged.push(id);
    furthest = Math.max(furthest, positionOf(document));
  });
  if (damaged.length > 0)
    yield* Effect.logWarning(
      `view ${view.name}: ${damaged.join(", ")} was published damaged; rebuilding the view from the log`,
    );
  const beyond = yield* isBeyondLog(`the view ${view.name}`, furthest).pipe(Effect.retry(Schedule.spaced("1 second")));
  const same = stored.version === view.version && damaged.length === 0 && !beyond;
  const empty = { ...emptyView(view), distrusted: beyond };
  const one = same ? { ...empty, documents: new Map(stored.documents), position: stored.position } : empty;
  yield* forEachInSlices(one.documents, ([id, document]) => {
    const damage = damageOf(document);
    if (damage !== undefined) one.damaged.set(id, damage);
  });
  return one;
});

/** Returns the damage noted in a document. */
export const damageOf = (document: Document | undefined): Damage | undefined => {
  if (typeof document !== "object" || document === null || !("damaged" in document)) return undefined;
  return Option.getOrUndefined(decodeDamage(document.damaged));
};
const decodeDamage = Schema.decodeUnknownOption(Damage);

/** Returns the key under which an aggregate's damage is kept. Document ids have no spaces. */
const placeOf = ({ keyOf }: MaintainedView, aggregate: string, id: string): string =>
  keyOf?.(aggregate, id) ?? `${aggregate} ${id}`;

/**
 * Notes that the history of an aggregate ends here for a view. Its document, if it has one, shows the damage from then
 * on.
 */
export const markDamaged = (one: LiveView, aggregate: string, id: string, damage: Damage): void => {
  const key = placeOf(one.view, aggregate, id);
  if (one.damaged.has(key)) return;
  one.damaged.set(key, damage);
  const document = one.documents.get(key);
  if (typeof document !== "object" || document === null) return;
  one.documents.set(key, { ...document, damaged: damage });
  one.changed.add(key);
};

/** Notes the damage of an aggregate in each view that has a document for it. */
export const markAll = (
  live: ReadonlyArray<LiveView>,
  { aggregate, id, damage }: { readonly aggregate: string; readonly id: string; readonly damage: Damage },
): void => {
  for (const one of live) if (one.view.keyOf?.(aggregate, id) !== undefined) markDamaged(one, aggregate, id, damage);
};

/**
 * Applies a commit to a view. A document may be newer than its checkpoint, so a commit is not applied to a document
 * that has it already. If the view fails on a commit, the damage is returned. The view then skips that aggregate and
 * continues with all others.
 */
export const applyTo = (one: LiveView, events: ReadonlyArray<RecordedEvent>, position: number): Damage | undefined => {
  const [first] = events;
  if (first === undefined || position <= one.position) return undefined;
  one.position = position;
  if (one.damaged.size > 0 && one.damaged.has(placeOf(one.view, first.aggregate, first.id))) return undefined;
  const applied = Result.try(() => one.view.apply((key) => one.documents.get(key), events));
  if (Result.isFailure(applied)) {
    const problem = `view ${one.view.name} cannot take the commit (${String(applied.failure)})`;
    const damage: Damage = { position, problem };
    markDamaged(one, first.aggregate, first.id, damage);
    return damage;
  }
  for (const [id, document] of applied.success) {
    if (positionOf(one.documents.get(id)) >= position) continue;
    const damaged = one.damaged.size === 0 ? undefined : one.damaged.get(id);
    if (document === undefined) one.documents.delete(id);
    else one.documents.set(id, damaged === undefined ? (document as Document) : { ...(document as object), damaged });
    one.changed.add(id);
  }
  return undefined;
};
