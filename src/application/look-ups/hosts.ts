import { Effect, Option, Schema } from "effect";
import type { KnownToHosts } from "../../domain/host/contract.ts";
import type { host } from "../../domain/host/decider.ts";
import { Desired } from "../../domain/host/desired.ts";
import { nothingKnown } from "../../domain/host/permission.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { proposers } from "./agents.ts";
import { graphAt } from "./graphs.ts";

const decodeDesired = Schema.decodeUnknownOption(Schema.Struct({ desired: Desired }));

/** What the deployed version of a host's graph says of who manages what, and who may propose. */
const knownToChange = Effect.fnUntraced(function* (id: string) {
  const documents = yield* (yield* ReadModels).upToDate("hosts");
  const placement = Option.getOrUndefined(decodeDesired(documents.get(id)))?.desired.placement;
  if (placement === undefined) return nothingKnown;
  const graph = yield* graphAt(placement.graph, placement.graphVersion);
  if (graph === undefined || !("found" in graph)) return nothingKnown;
  const { nodes, edges } = graph.found.document;
  const known: KnownToHosts = {
    manages: edges.filter((edge) => edge.type === "manages"),
    hosts: nodes.filter(({ type }) => type === "host").map((node) => node.id),
    proposers: yield* proposers,
  };
  return known;
});

/** What a host's decisions need to know: only for what somebody wants to be done. */
export const lookUpForHost = (command: CommandOf<typeof host.commands>, id: string) =>
  command.type === "operate" || command.type === "propose-change" ? knownToChange(id) : undefined;
