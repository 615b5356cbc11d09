import { Schema } from "effect";
import { StandingFinding } from "../consensus/rounds.ts";
import { FreezeId } from "../freeze/scope.ts";
import { bounds, Instant, NonEmptyText, Principal } from "../kernel/mod.ts";

/** A freeze at the moment when the glass was broken. A later freeze of the same thing is a different one. */
export const PassedFreeze = Schema.Struct({ freeze: FreezeId, since: Instant });
export type PassedFreeze = typeof PassedFreeze.Type;

/** The signed content of a break-glass: the reason, and the revision. It is valid for that revision only. */
export const GivenBreakGlass = Schema.Struct({
  reason: NonEmptyText(bounds.text),
  graphDigest: NonEmptyText(bounds.name),
  flakeDigest: NonEmptyText(bounds.name),
});
export type GivenBreakGlass = typeof GivenBreakGlass.Type;

/** A broken glass: who broke it, for which revision, and what was bypassed. */
export const GlassBroken = Schema.Struct({
  by: Principal,
  reason: Schema.String,
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  /** The key of the signature. */
  signedBy: Schema.String,
  /** The blocking findings and the freezes at that moment. */
  findings: Schema.Array(StandingFinding),
  freezes: Schema.Array(PassedFreeze),
});
export type GlassBroken = typeof GlassBroken.Type;

/** The result of the review of a broken glass. */
export const GlassReviewClosed = Schema.Struct({ by: Principal, conclusion: Schema.String });

/** What a deployment stores about its broken glass. */
export const Glass = Schema.Struct({
  /** Everybody who broke it. A changed graph needs another break-glass. */
  brokenBy: Schema.Array(Principal),
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  freezes: Schema.Array(PassedFreeze),
  review: Schema.Literals(["open", "closed"]),
});
export type Glass = typeof Glass.Type;

/** The digests of a revision. */
export interface Digests {
  readonly graphDigest: string;
  readonly flakeDigest: string;
}

/** Returns whether two are the same revision. */
export const sameDigests = (one: Digests, other: Digests): boolean =>
  one.graphDigest === other.graphDigest && one.flakeDigest === other.flakeDigest;

/** Returns the broken glass if it was broken for exactly this revision. */
export const glassFor = <G extends Digests>(glass: G | undefined, revision: Digests): G | undefined =>
  glass !== undefined && sameDigests(glass, revision) ? glass : undefined;

/** Returns whether a broken glass bypasses a freeze: the freeze was in force when the glass was broken. */
export const passesFreeze = (
  glass: { readonly freezes: ReadonlyArray<PassedFreeze> } | undefined,
  { id, since }: { readonly id: string; readonly since: string },
): boolean => glass?.freezes.some((passed) => passed.freeze === id && passed.since === since) === true;
