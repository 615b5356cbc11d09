import { createHash } from "node:crypto";
import { Effect, Layer, Option } from "effect";
import { Digests, type Snapshot, Snapshots } from "../../src/application/ports/mod.ts";

const sha256 = (text: string): string => `sha256-${createHash("sha256").update(text).digest("hex")}`;

/** Digests without content ids: for tests that are not about them. */
export const plainDigests = Layer.succeed(Digests, {
  cid: (link) => sha256(JSON.stringify(link)),
  sha256,
  verify: () => false,
});

/** Snapshots that a test can look at. */
export const inspectableSnapshots = (kept: Map<string, Snapshot>) =>
  Layer.succeed(Snapshots, {
    load: (aggregate, id) => Effect.sync(() => Option.fromUndefinedOr(kept.get(`${aggregate}.${id}`))),
    save: (aggregate, id, snapshot) => Effect.sync(() => void kept.set(`${aggregate}.${id}`, snapshot)),
  });
