import { awayAfter, type PresenceStatus, presenceAfter } from "../domain/agent/presence.ts";

/**
 * Who was heard when. Silence says something of an agent only once somebody has listened for as long as it takes to
 * be away: after a start or a lost connection the agents get time to be heard again. Times in milliseconds.
 */
export class RollCall {
  readonly #interval: number;
  readonly #heard = new Map<string, number>();
  #listeningSince: number;
  #looked: number;

  constructor(intervalSeconds: number, now: number) {
    this.#interval = intervalSeconds * 1000;
    this.#listeningSince = now;
    this.#looked = now;
  }

  /** How often to look. */
  get every(): number {
    return this.#interval / 10;
  }

  /** Notes a heartbeat; true where the agent was not online before it, and is now. */
  hear(agentId: string, at: number, now: number): boolean {
    const before = this.statusOf(agentId, now);
    this.#heard.set(agentId, Math.min(now, Math.max(at, this.#heard.get(agentId) ?? 0)));
    return before !== "online" && this.statusOf(agentId, now) === "online";
  }

  /** Nothing was heard for a while, for reasons that are not the agents'. */
  interrupt(now: number): void {
    this.#listeningSince = now;
  }

  /** Begins a look: forgets who is offline, and notices where it comes late, for then nobody has listened. */
  look(now: number): void {
    if (now - this.#looked > this.every + this.#interval / 2) this.interrupt(now);
    this.#looked = now;
    for (const agentId of this.#heard.keys())
      if (this.statusOf(agentId, now) === "offline") this.#heard.delete(agentId);
  }

  /** Whether silence says something. */
  isSettled(now: number): boolean {
    return now - this.#listeningSince >= awayAfter * this.#interval;
  }

  statusOf(agentId: string, now: number): PresenceStatus {
    const heard = this.#heard.get(agentId);
    return heard === undefined ? "offline" : presenceAfter((now - heard) / this.#interval);
  }
}
