import { Effect } from "effect";
import { obstacleText } from "../../domain/deployment/activation.ts";
import type { KnownToHosts } from "../../domain/host/contract.ts";
import type { host } from "../../domain/host/decider.ts";
import { nothingKnown } from "../../domain/host/permission.ts";
import { graphOf, type HostState } from "../../domain/host/state.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import { standingOf } from "../../domain/principal/standing.ts";
import { Authority } from "../authority.ts";
import { ReadModels } from "../read-models.ts";
import { freezesOf } from "./freezes.ts";
import { graphAt } from "./graphs.ts";

/** The roles that may propose a change of any host. Being a person is not enough, because anyone can claim it. */
const proposing = ["operator", "voter"] as const;

/**
 * Returns the edges `manages` and the hosts of the deployed version of the host's graph, and whether the principal may
 * propose any change.
 */
const knownToChange = Effect.fnUntraced(function* (id: string, by: string) {
  const documents = yield* (yield* ReadModels).upToDate("hosts");
  const placement = documents.get(id)?.desired?.placement;
  if (placement === undefined) return nothingKnown;
  const graph = yield* graphAt(placement.graph, placement.graphVersion);
  if (graph === undefined || !("found" in graph)) return nothingKnown;
  const { nodes, edges } = graph.found.document;
  const [freeze] = yield* freezesOf({ graph: placement.graph, hosts: [id] });
  const { roles } = yield* (yield* Authority).standingOf(by);
  const known: KnownToHosts = {
    manages: edges.filter((edge) => edge.type === "manages"),
    hosts: nodes.filter(({ type }) => type === "host").map((node) => node.id),
    proposers: proposing.some((role) => roles.has(role)) ? [by] : [],
    ...defined({ frozen: freeze && obstacleText({ is: "freeze", freeze: freeze.id, ...freeze }) }),
  };
  return known;
});

/** Returns the owner of the graph that has the host, and the admins. */
const knownToOwners = Effect.fnUntraced(function* (state: HostState) {
  const models = yield* ReadModels;
  const graph = graphOf(state);
  const owner = graph === undefined ? undefined : (yield* models.upToDate("graphs")).get(graph)?.owner;
  const admins = [...(yield* models.upToDate("principals")).values()].filter((one) =>
    standingOf(one, []).roles.has("admin"),
  );
  const owners = [...(owner === undefined ? [] : [owner]), ...admins.map(({ id }) => id)];
  const known: KnownToHosts = { ...nothingKnown, owners };
  return known;
});

/** Returns the knowledge for decisions on an operation, a proposed change, the release or the policy of a host. */
export const lookUpForHost = (command: CommandOf<typeof host.commands>, id: string, state: HostState, by: string) => {
  switch (command.type) {
    case "operate":
    case "propose-change":
      return knownToChange(id, by);
    case "release":
    case "set-policy":
      return knownToOwners(state);
    default:
      return undefined;
  }
};
