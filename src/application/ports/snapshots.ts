import { Context, type Effect, type Option, type Schema } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

/** An aggregate's state at a position, so that a long history need not be read again. Only a cache: may be deleted. */
export interface Snapshot {
  readonly stateVersion: number;
  readonly position: number;
  readonly version: number;
  readonly lastCid: string;
  /** Time of its last commit. */
  readonly lastTime: string;
  /** Position of the commit of each command id the aggregate has seen. */
  readonly commands: Readonly<Record<string, number>>;
  readonly state: Schema.Json;
}

/** Where snapshots are kept. Values may be many MiB. */
export class Snapshots extends Context.Service<
  Snapshots,
  {
    /** None where there is none or where it cannot be read. */
    readonly load: (aggregate: string, id: string) => Effect.Effect<Option.Option<Snapshot>>;
    readonly save: (aggregate: string, id: string, snapshot: Snapshot) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Snapshots") {}
