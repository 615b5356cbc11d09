import { Context, type Effect, type Option } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

/** Generated files by digest: what was rendered, voted on and deployed stays readable for ever. */
export class Artifacts extends Context.Service<
  Artifacts,
  {
    /** Stores text under its digest (`Digests.sha256` of the text); storing it again changes nothing. */
    readonly put: (digest: string, text: string) => Effect.Effect<void, StoreUnavailable>;
    readonly get: (digest: string) => Effect.Effect<Option.Option<string>, StoreUnavailable>;
  }
>()("cim/application/Artifacts") {}
