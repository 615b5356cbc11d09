import { Context, type Effect, type Option, type Schema } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

/** Generated files by digest: what was rendered, voted on and deployed stays readable for ever. */
export class Artifacts extends Context.Service<
  Artifacts,
  {
    /** Stores text, or its bytes in UTF-8, under its digest (`Digests.sha256`); storing it again changes nothing. */
    readonly put: (digest: string, text: string | Uint8Array) => Effect.Effect<void, StoreUnavailable>;
    /** Whether it is stored, as it was: its bytes have the digest. */
    readonly has: (digest: string) => Effect.Effect<boolean, StoreUnavailable>;
    readonly get: (digest: string) => Effect.Effect<Option.Option<string>, StoreUnavailable>;
  }
>()("cim/application/Artifacts") {}

/** A view as it was last written: documents by key, and the position up to which they are complete. */
export interface StoredView {
  /** Version of the view's code that wrote it; 0 where nothing was written yet. */
  readonly version: number;
  readonly position: number;
  readonly documents: ReadonlyMap<string, Schema.Json>;
}

/** Where views are published for subscribers (KV buckets `cim_view_<view>`) and resumed from. */
export class ViewStore extends Context.Service<
  ViewStore,
  {
    readonly load: (view: string) => Effect.Effect<StoredView, StoreUnavailable>;
    /**
     * Writes documents (`undefined` deletes), then how far they are complete. Without `position` that stays as it was:
     * the documents are then newer than what is said of them. Where they are the first of another version than what is
     * there, nothing is complete until a position is given. Documents of one key are written in order. Gives how much was
     * written, in characters.
     */
    readonly save: (
      view: string,
      version: number,
      changes: ReadonlyMap<string, Schema.Json | undefined>,
      position?: number,
    ) => Effect.Effect<number, StoreUnavailable>;
    /** Fails once documents of a view that was loaded may be gone: load it again. */
    readonly lost: Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/ViewStore") {}

/** Whether the server stores commits. By default nothing is known to be wrong. */
export const LogStorage = Context.Reference<{
  /** What is wrong, and what to do about it; undefined if nothing is known to be. */
  readonly problem: () => string | undefined;
}>("cim/application/LogStorage", { defaultValue: () => ({ problem: () => undefined }) });
