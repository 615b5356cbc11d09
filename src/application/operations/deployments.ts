import { Effect, type Schema } from "effect";
import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import {
  type Deployed,
  dataOriginsOf,
  hostChanges,
  nameOfOrigin,
  type OriginalGraph,
  originsOf,
} from "../../domain/deployment/host-changes.ts";
import { CommandError } from "../command-error.ts";
import type { Documents } from "../live-view.ts";
import { allowedFields, candidateOf, flakeOf, graphAt } from "../look-ups/graphs.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { existingGraph } from "./graphs.ts";

/** Returns what runs on every host, and the graphs that it was built from. */
const deployedNow = Effect.fnUntraced(function* (deployments: Documents<DeploymentDocument>) {
  const hosts = [...(yield* (yield* ReadModels).documents("hosts")).documents.values()];
  const origins = originsOf(hosts, [...deployments.values()]);
  const dataOrigins = dataOriginsOf(hosts, [...deployments.values()]);
  const graphs = new Map<string, OriginalGraph>();
  for (const origin of origins.values()) {
    if (graphs.has(nameOfOrigin(origin))) continue;
    const graph = yield* graphAt(origin.graph, origin.version);
    if (graph === undefined || !("found" in graph)) continue;
    const { document } = graph.found;
    const { digest } = yield* flakeOf(document);
    graphs.set(nameOfOrigin(origin), { document, flakeDigest: digest });
  }
  for (const origin of dataOrigins.values()) {
    if (graphs.has(nameOfOrigin(origin))) continue;
    const graph = yield* graphAt(origin.graph, origin.version);
    if (graph !== undefined && "found" in graph)
      graphs.set(nameOfOrigin(origin), { document: graph.found.document, flakeDigest: "" });
  }
  const deployed: Deployed = { hosts, origins, dataOrigins, graphs };
  return deployed;
});

const candidateToPlan = Effect.fnUntraced(function* ({ graph, version }: FullInputOf<"deployments", "plan">) {
  const graphs = yield* existingGraph(graph, version);
  const { document } = graphs;
  const candidate = yield* candidateOf({ ...graphs, allowed: allowedFields(graphs) });
  switch (candidate.is) {
    case "invalid-graph":
      return yield* refused("invalid-graph", `graph \`${graph}\` cannot be deployed`, {
        problems: candidate.problems.map((problem) => ({ ...problem })),
      });
    case "revision":
      return { document, revision: candidate.revision };
  }
});

const refused = (reason: string, message: string, details: Readonly<Record<string, Schema.Json>> = {}) =>
  new CommandError({ code: "rejected", message, details: { ...details, reason } });

/** The answers about deployments. */
export const deploymentAnswers = {
  get: getDocument("deployment"),
  list: listDocuments,
  plan: Effect.fnUntraced(function* (input, deployments) {
    const { document, revision } = yield* candidateToPlan(input);
    const { graphVersion, graphDigest, flakeDigest } = revision;
    const { waves, gone, data } = hostChanges(document, yield* deployedNow(deployments));
    return { graph: input.graph, graphVersion, graphDigest, flakeDigest, waves, gone, data };
  }),
} satisfies AnswersOf<"deployments", Artifacts | Digests | EventStore | ReadModels | Snapshots>;
