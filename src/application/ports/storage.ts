import { Context, type Effect, type Option, type Schema } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

/** Generated files by digest. Whatever was rendered, voted on or deployed stays readable forever. */
export class Artifacts extends Context.Service<
  Artifacts,
  {
    /** Stores a text, or its bytes in UTF-8, under its digest (`Digests.sha256`). Storing it again changes nothing. */
    readonly put: (digest: string, text: string | Uint8Array) => Effect.Effect<void, StoreUnavailable>;
    /** Returns whether it is stored unaltered: its bytes have the digest. */
    readonly has: (digest: string) => Effect.Effect<boolean, StoreUnavailable>;
    readonly get: (digest: string) => Effect.Effect<Option.Option<string>, StoreUnavailable>;
  }
>()("cim/application/Artifacts") {}

/** A view as it was last written: documents by key, and the position up to which they are complete. */
export interface StoredView {
  /** The version of the view's code that wrote it; 0 if nothing was written yet. */
  readonly version: number;
  readonly position: number;
  readonly documents: ReadonlyMap<string, Schema.Json>;
}

/** Publishes views for subscribers (KV buckets `cim_view_<view>`), and loads them again at a start. */
export class ViewStore extends Context.Service<
  ViewStore,
  {
    readonly load: (view: string) => Effect.Effect<StoredView, StoreUnavailable>;
    /**
     * Writes documents (`undefined` deletes), then the position up to which they are complete. Without `position`, the
     * old position stays, and the documents are newer than it claims. If they are the first of another version, nothing
     * counts as complete until a position is given. Documents with the same key are written in order. Returns the
     * number of characters written.
     */
    readonly save: (
      view: string,
      version: number,
      changes: ReadonlyMap<string, Schema.Json | undefined>,
      position?: number,
    ) => Effect.Effect<number, StoreUnavailable>;
    /** Fails once documents of a loaded view may be lost. Load it again then. */
    readonly lost: Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/ViewStore") {}

/** Whether the server stores commits. By default, no problem is known. */
export const LogStorage = Context.Reference<{
  /** Returns the problem and its remedy; undefined if none is known. */
  readonly problem: () => string | undefined;
}>("cim/application/LogStorage", { defaultValue: () => ({ problem: () => undefined }) });
