import { Schema } from "effect";
import { nextOpening } from "../consensus/change-window.ts";
import type { PolicyDocument } from "../consensus/policy-document.ts";
import { FreezeId, scopeText } from "../freeze/scope.ts";
import { addSeconds, defined, Instant, Principal } from "../kernel/mod.ts";
import { type PassedFreeze, passesFreeze } from "./glass.ts";

/** Why a deployment that was approved does not begin to activate yet. */
export const Obstacle = Schema.Union([
  Schema.Struct({ is: Schema.Literal("freeze"), freeze: FreezeId, reason: Schema.String, by: Principal }),
  Schema.Struct({ is: Schema.Literal("window"), opensAt: Instant }),
]);
export type Obstacle = typeof Obstacle.Type;

/** What a deployment waits for, and until when its approval holds, if it does not hold for ever. */
export const Waiting = Schema.Struct({
  for: Schema.NonEmptyArray(Obstacle),
  expiresAt: Schema.optionalKey(Instant),
});
export type Waiting = typeof Waiting.Type;

/** Looked up when a deployment is about to begin: the policy in force now, and what is frozen. */
export interface KnownToActivate {
  readonly policy: Pick<PolicyDocument, "changeWindows" | "approvalExpiresSeconds">;
  readonly freezes: ReadonlyArray<{
    readonly id: string;
    readonly reason: string;
    readonly by: string;
    readonly since: string;
  }>;
}

/** The approval that an activation follows, and the glass that was broken for its revision, if there is one. */
interface Approval {
  readonly approvedAt: string | undefined;
  readonly glass?: { readonly freezes: ReadonlyArray<PassedFreeze> } | undefined;
  readonly time: string;
}

/** What is decided about the begin of an activation. */
export type Go =
  | { readonly is: "go" }
  | { readonly is: "expired"; readonly at: string }
  | { readonly is: "wait"; readonly waiting: Waiting };

/**
 * Returns whether activation may begin now. An approval that is too old is void. Otherwise nothing begins while it is
 * frozen, or outside the windows of the policy. A broken glass passes all windows, and the freezes that stood when it was
 * broken: a later one is somebody's answer to it.
 */
export const mayActivate = ({ policy, freezes }: KnownToActivate, { approvedAt, glass, time }: Approval): Go => {
  const { approvalExpiresSeconds: seconds, changeWindows = [] } = policy;
  const expiresAt = seconds === undefined || approvedAt === undefined ? undefined : addSeconds(approvedAt, seconds);
  if (expiresAt !== undefined && time > expiresAt) return { is: "expired", at: expiresAt };
  const opensAt = glass === undefined ? nextOpening(changeWindows, time) : undefined;
  const standing = freezes.filter((one) => !passesFreeze(glass, one));
  const [first, ...others]: ReadonlyArray<Obstacle> = [
    ...standing.map(({ id, reason, by }) => ({ is: "freeze", freeze: id, reason, by }) as const),
    ...(opensAt === undefined ? [] : [{ is: "window", opensAt } as const]),
  ];
  return first === undefined
    ? { is: "go" }
    : { is: "wait", waiting: { for: [first, ...others], ...defined({ expiresAt }) } };
};

/** Returns what a deployment waits for, in words. */
export const obstacleText = (obstacle: Obstacle): string =>
  obstacle.is === "freeze"
    ? `${scopeText(obstacle.freeze)} is frozen by ${obstacle.by}: ${obstacle.reason}`
    : `its change window opens at ${obstacle.opensAt}`;
