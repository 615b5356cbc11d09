import { Effect } from "effect";
import type { AgentDocument } from "../../contract/views/agents.ts";
import { isOwnPrincipal } from "../../domain/kernel/mod.ts";
import { standingOf } from "../../domain/principal/standing.ts";
import { ReadModels } from "../read-models.ts";

/** Returns whether an agent can be asked: it is not offline, or it is a person. People send no heartbeats. */
const canBeAsked = ({ registered, status, metadata }: AgentDocument): boolean =>
  registered && (status !== "offline" || metadata?.kind === "person");

/** All agents in the view. */
const everyone = Effect.gen(function* () {
  return [...(yield* (yield* ReadModels).upToDate("agents")).values()];
});

const those = (wanted: (agent: AgentDocument) => boolean) =>
  Effect.map(everyone, (agents) =>
    agents
      .filter((agent) => canBeAsked(agent) && wanted(agent))
      .map(({ id }) => id)
      .sort(),
  );

/** The agents that review deployments and vote on them. */
export const reviewers = those(({ capabilities }) => capabilities.includes("review"));

/** The principals that may be in electorates. */
const electors = Effect.gen(function* () {
  const { documents } = yield* (yield* ReadModels).documents("principals");
  return new Set([...documents].filter(([, entry]) => standingOf(entry, []).roles.has("voter")).map(([id]) => id));
});

/**
 * The electorate of a proposal that names no voters, all eligible voters, and the public keys of registered agents and
 * people.
 */
export const voters = Effect.map(Effect.all([everyone, electors]), ([agents, electors]) => {
  const keys = agents.flatMap(({ id, registered, publicKey }) =>
    registered && publicKey !== undefined ? [[id, publicKey] as const] : [],
  );
  const defaultElectorate = agents.filter((agent) => canBeAsked(agent) && electors.has(agent.id)).map(({ id }) => id);
  return { defaultElectorate: defaultElectorate.sort(), publicKeys: new Map(keys), voters: electors };
});

/** The registered agents with their capabilities, in the order of their ids, whether online or not. */
export const registeredAgents = Effect.map(everyone, (agents) =>
  agents
    .filter(({ registered }) => registered)
    .map(({ id, capabilities }) => ({ id, capabilities }))
    .sort((one, other) => (one.id < other.id ? -1 : 1)),
);

/**
 * The person responsible for each owned principal; the two count as one pair of eyes. Principals that the installation
 * owns, such as the reference agents, share eyes with nobody.
 */
export const ownersOfPrincipals = Effect.gen(function* () {
  const { documents } = yield* (yield* ReadModels).documents("principals");
  return new Map(
    [...documents].flatMap(([id, { owner }]) =>
      owner === undefined || isOwnPrincipal(owner) ? [] : [[id, owner] as const],
    ),
  );
});

/** All principals, and whether each is a person, by its admission or by its own claim. */
const everybody = Effect.gen(function* () {
  const agents = yield* (yield* ReadModels).upToDate("agents");
  const principals = yield* (yield* ReadModels).upToDate("principals");
  const isPerson = (id: string): boolean => (principals.get(id)?.kind ?? agents.get(id)?.metadata?.kind) === "person";
  return { principals, isPerson };
});

/** Returns whether a principal is a person, and the owners of principals. */
export const eyesOf = Effect.fnUntraced(function* (id: string) {
  const { isPerson } = yield* everybody;
  return { isPerson: isPerson(id), owners: yield* ownersOfPrincipals };
});

/** The people with the role `voter`, and the owners of principals. */
export const votingPeople = Effect.gen(function* () {
  const { principals, isPerson } = yield* everybody;
  const people = [...principals.values()]
    .filter((one) => standingOf(one, []).roles.has("voter") && isPerson(one.id))
    .map(({ id }) => id)
    .sort();
  return { people, owners: yield* ownersOfPrincipals };
});
