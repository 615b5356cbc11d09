import { Context, Effect, Layer, Semaphore } from "effect";
import type { SpaceDocument } from "../contract/views/knowledge.ts";
import type { EpochSnapshot } from "../domain/knowledge/contract.ts";
import { knowledge } from "../domain/knowledge/decider.ts";
import { type Aggregate, aggregateOf } from "./aggregate.ts";
import { loadSnapshot } from "./epoch-snapshots.ts";
import { KnowledgeSpace } from "./knowledge-space.ts";
import { type Artifacts, type Digests, EventStore, type ReadFailure, TextIndexes } from "./ports/mod.ts";
import { recordedEvents } from "./recorded-events.ts";

/** The fields of a published space that speed up reading it. */
type PublishedSpace = Pick<SpaceDocument, "position" | "content" | "snapshot">;

interface Held {
  readonly turn: Semaphore.Semaphore;
  space: KnowledgeSpace | undefined;
}

/** The knowledge spaces in memory. Each is read at first use, from its newest snapshot and the log after it. */
export class KnowledgeSpaces extends Context.Service<
  KnowledgeSpaces,
  {
    /**
     * Returns a space, complete up to the published position; without `published`, up to the end of the log. If the
     * space does not have the published digest, its memory or its snapshot is damaged. Then it is read again from the
     * log alone.
     */
    readonly read: (id: string, published?: PublishedSpace) => Effect.Effect<KnowledgeSpace, ReadFailure>;
  }
>()("cim/application/KnowledgeSpaces") {
  static readonly layer = Layer.effect(
    KnowledgeSpaces,
    Effect.suspend(() => makeSpaces()),
  );
}

const aggregate: Aggregate<unknown> = aggregateOf(knowledge);

const makeSpaces = Effect.fnUntraced(function* () {
  const context = yield* Effect.context<EventStore | Artifacts | Digests | TextIndexes>();
  const store = yield* EventStore;
  const { make } = yield* TextIndexes;
  const spaces = new Map<string, Held>();

  const catchUp = Effect.fnUntraced(function* (id: string, space: KnowledgeSpace) {
    for (const commit of yield* store.read(knowledge.name, id, { after: space.position }))
      for (const event of recordedEvents(aggregate, commit)) space.take(event);
    return space;
  });

  const fromSnapshot = Effect.fnUntraced(function* (snapshot: EpochSnapshot) {
    const additions = yield* loadSnapshot(snapshot);
    if (additions === undefined) return undefined;
    const space = new KnowledgeSpace(make());
    for (const addition of additions) space.add(addition);
    if (space.now.base.content !== snapshot.content) return undefined;
    space.position = snapshot.position;
    space.version = snapshot.version;
    return space;
  });

  const load = Effect.fnUntraced(function* (id: string, snapshot: EpochSnapshot | undefined) {
    const start = snapshot === undefined ? undefined : yield* fromSnapshot(snapshot);
    if (snapshot !== undefined && start === undefined)
      yield* Effect.logWarning(`space ${id}: its snapshot is damaged or gone; reading it from the log`);
    return yield* catchUp(id, start ?? new KnowledgeSpace(make()));
  });

  const readHeld = Effect.fnUntraced(function* (id: string, held: Held, published?: PublishedSpace) {
    const known = held.space;
    if (known !== undefined && published !== undefined && known.position > published.position) return known;
    const isCurrent = known !== undefined && known.position === published?.position;
    const space = isCurrent ? known : yield* known === undefined ? load(id, published?.snapshot) : catchUp(id, known);
    held.space = space;
    if (published === undefined || space.position !== published.position) return space;
    if (space.now.base.content === published.content) return space;
    yield* Effect.logWarning(`space ${id}: its memory differs from what is published; reading it again from the log`);
    held.space = yield* load(id, undefined);
    return held.space;
  });

  return KnowledgeSpaces.of({
    read: (id, published) => {
      const held = spaces.get(id) ?? { turn: Semaphore.makeUnsafe(1), space: undefined };
      spaces.set(id, held);
      return Effect.provideContext(held.turn.withPermits(1)(readHeld(id, held, published)), context);
    },
  });
});
