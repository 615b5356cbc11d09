import { Clock, Effect, Queue } from "effect";
import { awayAfter, type PresenceStatus, presenceAfter } from "../domain/agent/presence.ts";
import { CommandHandling } from "./command-handling.ts";
import { Heartbeats, Leases } from "./ports/mod.ts";
import { ReadModels } from "./read-models.ts";

/**
 * The last heartbeat of each agent, in milliseconds. Silence counts only after this backend has listened for the time
 * after which an agent counts as away. Otherwise all agents would be away after a start or a lost connection.
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

  /** Milliseconds between two checks. */
  get every(): number {
    return this.#interval / 10;
  }

  /** Notes a heartbeat. Returns whether it brought the agent online. */
  hear(agentId: string, at: number, now: number): boolean {
    const before = this.statusOf(agentId, now);
    this.#heard.set(agentId, Math.min(now, Math.max(at, this.#heard.get(agentId) ?? 0)));
    return before !== "online" && this.statusOf(agentId, now) === "online";
  }

  /** Notes that no agent could be heard for a while. */
  interrupt(now: number): void {
    this.#listeningSince = now;
  }

  /** Begins a check and forgets offline agents. If the check is late, this backend was not listening meanwhile. */
  look(now: number): void {
    if (now - this.#looked > this.every + this.#interval / 2) this.interrupt(now);
    this.#looked = now;
    for (const agentId of this.#heard.keys())
      if (this.statusOf(agentId, now) === "offline") this.#heard.delete(agentId);
  }

  /** Returns whether silence counts. */
  isSettled(now: number): boolean {
    return now - this.#listeningSince >= awayAfter * this.#interval;
  }

  statusOf(agentId: string, now: number): PresenceStatus {
    const heard = this.#heard.get(agentId);
    return heard === undefined ? "offline" : presenceAfter((now - heard) / this.#interval);
  }
}

/** The number of changes that are recorded at the same time. */
const concurrency = 16;

/**
 * Records the presence of agents from their heartbeats, in one backend at a time. A new agent is online at once.
 * Regular checks find agents that are away or offline. Each check compares with the view, so that no change is recorded
 * twice or missed. Unregistered agents are ignored. Never returns.
 */
export const runPresenceTracking = Effect.gen(function* () {
  const leases = yield* Leases;
  const heartbeats = yield* Heartbeats;
  const readModels = yield* ReadModels;
  const handling = yield* CommandHandling;
  const clock = yield* Clock.Clock;
  const now = () => clock.currentTimeMillisUnsafe();

  const record = (agentId: string, status: PresenceStatus) =>
    handling
      .handle({
        aggregate: "agent",
        id: agentId,
        command: "record-presence",
        payload: { status },
        principal: "presence",
        audience: "internal",
      })
      .pipe(Effect.catchCause((cause) => Effect.logDebug(`presence of ${agentId} was not recorded`, cause)));

  /** Waits for the view, because after a start the backend may first have to read a long log. */
  const known = readModels.documents("agents").pipe(
    Effect.map(({ documents }) => documents),
    Effect.retry({ while: ({ code }) => code === "timeout" }),
  );

  const track = Effect.gen(function* () {
    const roll = new RollCall(heartbeats.intervalSeconds, now());
    const arrivals = yield* Queue.unbounded<string>();
    const greet = Effect.gen(function* () {
      const agentId = yield* Queue.take(arrivals);
      const agent = (yield* known).get(agentId);
      if (agent?.registered === true && agent.status !== "online") yield* record(agentId, "online");
    });
    const look = Effect.gen(function* () {
      roll.look(now());
      const changed: Array<readonly [agentId: string, status: PresenceStatus]> = [];
      for (const [agentId, agent] of yield* known) {
        if (!agent.registered) continue;
        const status = roll.statusOf(agentId, now());
        if (status !== agent.status && (status === "online" || roll.isSettled(now()))) changed.push([agentId, status]);
      }
      yield* Effect.forEach(changed, (change) => record(...change), { concurrency, discard: true });
    });
    const listen = heartbeats.listen({
      heard: (agentId, at) => {
        if (roll.hear(agentId, at, now())) Queue.offerUnsafe(arrivals, agentId);
      },
      interrupted: () => roll.interrupt(now()),
    });
    return yield* Effect.raceFirst(
      listen,
      Effect.raceFirst(Effect.forever(greet), Effect.forever(Effect.delay(look, roll.every))),
    );
  });

  return yield* leases.whileHeld("presence", Effect.asVoid(track));
});
