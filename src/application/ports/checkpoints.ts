import { Context, type Effect } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

/** How far a reader of the log has come: position up to which everything was handled. */
export class Checkpoints extends Context.Service<
  Checkpoints,
  {
    /** 0 where the reader has never run. */
    readonly load: (reader: string) => Effect.Effect<number, StoreUnavailable>;
    /** A checkpoint never goes back: an older position than the stored one is ignored. */
    readonly save: (reader: string, position: number) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Checkpoints") {}
