import { Schema } from "effect";

/**
 * The presence of an agent according to its heartbeats: `away` after one and a half intervals without one, `offline`
 * after three.
 */
export const PresenceStatus = Schema.Literals(["online", "away", "offline"]);
export type PresenceStatus = typeof PresenceStatus.Type;

/** The number of intervals without a heartbeat after which an agent is away. */
export const awayAfter = 1.5;
/** The number of intervals without a heartbeat after which it is offline. */
export const offlineAfter = 3;

/** Returns the presence of an agent whose last heartbeat was `intervals` intervals ago. */
export const presenceAfter = (intervals: number): PresenceStatus =>
  intervals < awayAfter ? "online" : intervals < offlineAfter ? "away" : "offline";
