import { Schema } from "effect";
import { StandingFinding } from "../consensus/rounds.ts";
import { FreezeId } from "../freeze/scope.ts";
import { bounds, Instant, NonEmptyText, Principal } from "../kernel/mod.ts";

/** A freeze as it stood when the glass was broken. A later one of the same thing is another freeze. */
export const PassedFreeze = Schema.Struct({ freeze: FreezeId, since: Instant });
export type PassedFreeze = typeof PassedFreeze.Type;

/** The words of who breaks the glass: why, and for which revision. They are signed, and count for nothing else. */
export const GivenBreakGlass = Schema.Struct({
  reason: NonEmptyText(bounds.text),
  graphDigest: NonEmptyText(bounds.name),
  flakeDigest: NonEmptyText(bounds.name),
});
export type GivenBreakGlass = typeof GivenBreakGlass.Type;

/** That somebody broke the glass for a revision of a deployment, and what they passed by. */
export const GlassBroken = Schema.Struct({
  by: Principal,
  reason: Schema.String,
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  /** The key that it is signed with. */
  signedBy: Schema.String,
  /** The blocking findings and the freezes that stood then. */
  findings: Schema.Array(StandingFinding),
  freezes: Schema.Array(PassedFreeze),
});
export type GlassBroken = typeof GlassBroken.Type;

/** How the review of a broken glass ended. */
export const GlassReviewClosed = Schema.Struct({ by: Principal, conclusion: Schema.String });

/** What a deployment knows of its broken glass. */
export const Glass = Schema.Struct({
  /** Everybody who broke it. A changed graph needs a break-glass of its own. */
  brokenBy: Schema.Array(Principal),
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  freezes: Schema.Array(PassedFreeze),
  review: Schema.Literals(["open", "closed"]),
});
export type Glass = typeof Glass.Type;

/** A revision by its digests. */
export interface Digests {
  readonly graphDigest: string;
  readonly flakeDigest: string;
}

/** Whether two are one revision. */
export const sameDigests = (one: Digests, other: Digests): boolean =>
  one.graphDigest === other.graphDigest && one.flakeDigest === other.flakeDigest;

/** Returns the broken glass if it was broken for this very revision. */
export const glassFor = <G extends Digests>(glass: G | undefined, revision: Digests): G | undefined =>
  glass !== undefined && sameDigests(glass, revision) ? glass : undefined;

/** Whether a broken glass passes a freeze: one that stood when it was broken. */
export const passesFreeze = (
  glass: { readonly freezes: ReadonlyArray<PassedFreeze> } | undefined,
  { id, since }: { readonly id: string; readonly since: string },
): boolean => glass?.freezes.some((passed) => passed.freeze === id && passed.since === since) === true;
