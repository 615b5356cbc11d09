import { Schema } from "effect";
import { nextOpening } from "../consensus/change-window.ts";
import type { PolicyDocument } from "../consensus/policy-document.ts";
import { FreezeId, scopeText } from "../freeze/scope.ts";
import { addSeconds, defined, Instant, Principal } from "../kernel/mod.ts";
import { type PassedFreeze, passesFreeze } from "./glass.ts";

/** Why an approved deployment does not start its activation yet. */
export const Obstacle = Schema.Union([
  Schema.Struct({ is: Schema.Literal("freeze"), freeze: FreezeId, reason: Schema.String, by: Principal }),
  Schema.Struct({ is: Schema.Literal("window"), opensAt: Instant }),
]);
export type Obstacle = typeof Obstacle.Type;

/** What a deployment waits for, and when its approval expires, if it does. */
export const Waiting = Schema.Struct({
  for: Schema.NonEmptyArray(Obstacle),
  expiresAt: Schema.optionalKey(Instant),
});
export type Waiting = typeof Waiting.Type;

/** Looked up before a deployment begins: the policy in force, and the current freezes. */
export interface KnownToActivate {
  readonly policy: Pick<PolicyDocument, "changeWindows" | "approvalExpiresSeconds">;
  readonly freezes: ReadonlyArray<{
    readonly id: string;
    readonly reason: string;
    readonly by: string;
    readonly since: string;
  }>;
}

/** The approval of an activation, and the broken glass of its revision, if there is one. */
interface Approval {
  readonly approvedAt: string | undefined;
  readonly glass?: { readonly freezes: ReadonlyArray<PassedFreeze> } | undefined;
  readonly time: string;
}

/** The decision about starting an activation. */
export type Go =
  | { readonly is: "go" }
  | { readonly is: "expired"; readonly at: string }
  | { readonly is: "wait"; readonly waiting: Waiting };

/**
 * Returns whether activation may begin now. An expired approval is void. Otherwise activation waits for the end of
 * freezes and for the windows of the policy. A broken glass bypasses all windows, and the freezes that were in force
 * when it was broken. A later freeze still counts, because it may be somebody's reaction to the broken glass.
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

/** Returns in words what a deployment waits for. */
export const obstacleText = (obstacle: Obstacle): string =>
  obstacle.is === "freeze"
    ? `${scopeText(obstacle.freeze)} is frozen by ${obstacle.by}: ${obstacle.reason}`
    : `its change window opens at ${obstacle.opensAt}`;
