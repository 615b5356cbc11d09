import { Clock, Effect, Queue, Schema } from "effect";
import { PresenceStatus } from "../domain/agent/presence.ts";
import { CommandHandling } from "./command-handling.ts";
import { Heartbeats, Leases } from "./ports/mod.ts";
import { ReadModels } from "./read-models.ts";
import { RollCall } from "./roll-call.ts";

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
