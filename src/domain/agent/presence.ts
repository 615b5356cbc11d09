import type { PresenceStatus } from "./contract.ts";

/** Intervals without a heartbeat after which an agent is away. */
export const awayAfter = 1.5;
/** Intervals without a heartbeat after which it is offline. */
export const offlineAfter = 3;

/** What the time since an agent's last heartbeat says of it, with that time in intervals. */
export const presenceAfter = (intervals: number): PresenceStatus =>
  intervals < awayAfter ? "online" : intervals < offlineAfter ? "away" : "offline";
