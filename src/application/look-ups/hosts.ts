import { Effect } from "effect";
import { obstacleText } from "../../domain/deployment/activation.ts";
import type { KnownToHosts } from "../../domain/host/contract.ts";
import type { host } from "../../domain/host/decider.ts";
import { nothingKnown } from "../../domain/host/permission.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { proposers } from "./agents.ts";
import { freezesOf } from "./freezes.ts";
import { graphAt } from "./graphs.ts";

/** Returns the edges `manages` and the hosts of the deployed version of the host's graph, and the possible proposers. */
const knownToChange = Effect.fnUntraced(function* (id: string) {
  const documents = yield* (yield* ReadModels).upToDate("hosts");
  const placement = documents.get(id)?.desired?.placement;
  if (placement === undefined) return nothingKnown;
  const graph = yield* graphAt(placement.graph, placement.graphVersion);
  if (graph === undefined || !("found" in graph)) return nothingKnown;
  const { nodes, edges } = graph.found.document;
  const [freeze] = yield* freezesOf({ graph: placement.graph, hosts: [id] });
  const known: KnownToHosts = {
    manages: edges.filter((edge) => edge.type === "manages"),
    hosts: nodes.filter(({ type }) => type === "host").map((node) => node.id),
    proposers: yield* proposers,
    ...defined({ frozen: freeze && obstacleText({ is: "freeze", freeze: freeze.id, ...freeze }) }),
  };
  return known;
});

/** Returns the knowledge that decisions on an operation or a proposed change of a host need. */
export const lookUpForHost = (command: CommandOf<typeof host.commands>, id: string) =>
  command.type === "operate" || command.type === "propose-change" ? knownToChange(id) : undefined;
