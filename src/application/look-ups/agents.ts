import { Effect, Schema } from "effect";
import { PresenceStatus } from "../../domain/agent/presence.ts";
import { ReadModels } from "../read-models.ts";

const Agent = Schema.Struct({
  id: Schema.String,
  registered: Schema.Boolean,
  status: PresenceStatus,
  capabilities: Schema.Array(Schema.String),
  publicKey: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
});
type Agent = typeof Agent.Type;
const isAgent = Schema.is(Agent);

/** Whether someone can be asked: an agent that is not offline, or a person, who needs no heartbeat. */
const canBeAsked = ({ registered, status, metadata }: Agent): boolean =>
  registered && (status !== "offline" || metadata?.kind === "person");

/** Everyone the view of agents has. */
const everyone = Effect.gen(function* () {
  return [...(yield* (yield* ReadModels).upToDate("agents")).values()].filter(isAgent);
});

const those = (wanted: (agent: Agent) => boolean) =>
  Effect.map(everyone, (agents) =>
    agents
      .filter((agent) => canBeAsked(agent) && wanted(agent))
      .map(({ id }) => id)
      .sort(),
  );

/** Who is asked to review a deployment, and votes on it. */
export const reviewers = those(({ capabilities }) => capabilities.includes("review"));

/** Who may propose a change of any host: the registered reviewers, also those that are away, and the people. */
export const proposers = Effect.map(everyone, (agents) =>
  agents
    .filter(
      ({ registered, capabilities, metadata }) =>
        registered && (capabilities.includes("review") || metadata?.kind === "person"),
    )
    .map(({ id }) => id),
);

/** Who votes where a proposal names nobody, and what the registered agents and people sign with. */
export const voters = Effect.map(everyone, (agents) => {
  const keys = agents.flatMap(({ id, registered, publicKey }) =>
    registered && publicKey !== undefined ? [[id, publicKey] as const] : [],
  );
  const defaultElectorate = agents.filter(canBeAsked).map(({ id }) => id);
  return { defaultElectorate: defaultElectorate.sort(), publicKeys: new Map(keys) };
});

/** Everyone who is registered, there or not, with what they can do; in the order of their ids. */
export const registeredAgents = Effect.map(everyone, (agents) =>
  agents
    .filter(({ registered }) => registered)
    .map(({ id, capabilities }) => ({ id, capabilities }))
    .sort((one, other) => (one.id < other.id ? -1 : 1)),
);
