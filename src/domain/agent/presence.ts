import { Schema } from "effect";

/** Whether an agent's heartbeats arrive: `away` after one interval and a half without one, `offline` after three. */
export const PresenceStatus = Schema.Literals(["online", "away", "offline"]);
export type PresenceStatus = typeof PresenceStatus.Type;

/** Intervals without a heartbeat after which an agent is away. */
export const awayAfter = 1.5;
/** Intervals without a heartbeat after which it is offline. */
export const offlineAfter = 3;

/** Returns the presence of an agent whose last heartbeat is `intervals` intervals ago. */
export const presenceAfter = (intervals: number): PresenceStatus =>
  intervals < awayAfter ? "online" : intervals < offlineAfter ? "away" : "offline";
