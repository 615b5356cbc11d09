import { Clock, Effect, Queue, Schema } from "effect";
import { awayAfter, PresenceStatus, presenceAfter } from "../domain/agent/presence.ts";
import { CommandHandling } from "./command-handling.ts";
import { Heartbeats, Leases } from "./ports/mod.ts";
import { ReadModels } from "./read-models.ts";

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

const RegisteredAgent = Schema.Struct({ status: PresenceStatus, registered: Schema.Literal(true) });
const isRegisteredAgent = Schema.is(RegisteredAgent);

/** Changes recorded at a time, where many come at once. */
const concurrency = 16;

/**
 * Makes events of what the heartbeats say, in one backend at a time: an agent that comes is online at once; who is
 * away or offline is found by looking, and by comparison with the log, so that nothing is said twice and nothing
 * missed. Strangers are not recorded. Never returns.
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

  /** A long log takes a while to be read when a backend starts: nobody is missed before. */
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
      if (isRegisteredAgent(agent) && agent.status !== "online") yield* record(agentId, "online");
    });
    const look = Effect.gen(function* () {
      roll.look(now());
      const changed: Array<readonly [agentId: string, status: PresenceStatus]> = [];
      for (const [agentId, agent] of yield* known) {
        if (!isRegisteredAgent(agent)) continue;
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
