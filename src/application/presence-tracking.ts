import { Effect, Schedule, Schema } from "effect";
import { PresenceStatus } from "../domain/agent/contract.ts";
import { CommandHandling } from "./command-handling.ts";
import { Leases, Presence } from "./ports/mod.ts";
import { ReadModels } from "./read-models.ts";

const AgentPresence = Schema.Struct({ status: PresenceStatus, registered: Schema.Boolean });
const isAgentPresence = Schema.is(AgentPresence);

/** How often what the heartbeats say is compared with what the log says, should a change have been missed. */
const reconcileEvery = Schedule.spaced("15 seconds");

/** Makes events of what the heartbeats say, in one backend at a time. Never returns. */
export const runPresenceTracking = Effect.gen(function* () {
  const leases = yield* Leases;
  const presence = yield* Presence;
  const readModels = yield* ReadModels;
  const handling = yield* CommandHandling;

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
      .pipe(
        Effect.tapError((error) => Effect.logDebug(`presence of ${agentId}: ${error.message}`)),
        Effect.ignore,
      );

  const reconcile = Effect.gen(function* () {
    const current = yield* presence.current;
    for (const [agentId, agent] of yield* readModels.upToDate("agents")) {
      if (!isAgentPresence(agent) || !agent.registered) continue;
      const status = current.get(agentId) ?? "offline";
      if (status !== agent.status) yield* record(agentId, status);
    }
  });

  return yield* leases.whileHeld(
    "presence",
    Effect.raceFirst(presence.watch(record), Effect.repeat(reconcile, reconcileEvery)).pipe(Effect.asVoid),
  );
});

/**
 * Whether an agent is registered: heartbeats of strangers are not kept. One that registered a moment ago is known.
 */
export const isRegisteredAgent = Effect.fnUntraced(function* (agentId: string) {
  const readModels = yield* ReadModels;
  const { documents } = yield* readModels.documents("agents");
  const agent = documents.get(agentId) ?? (yield* readModels.upToDate("agents")).get(agentId);
  return isAgentPresence(agent) && agent.registered;
});
