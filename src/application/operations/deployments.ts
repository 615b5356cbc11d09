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
import { graphsOf } from "../look-ups/deployed.ts";
import { allowedFields, candidateOf, flakeOf } from "../look-ups/graphs.ts";
import type { Artifacts, Digests, EventStore, Snapshots } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { existingGraph } from "./graphs.ts";

/** Returns what runs on every host, and the graphs that it was built from. */
const deployedNow = Effect.fnUntraced(function* (deployments: Documents<DeploymentDocument>) {
  const hosts = [...(yield* (yield* ReadModels).documents("hosts")).documents.values()];
  const all = [...deployments.values()];
  const origins = originsOf(hosts, all);
  const dataOrigins = dataOriginsOf(hosts, all);
  const graphs = new Map<string, OriginalGraph>(yield* graphsOf([...origins.values(), ...dataOrigins.values()]));
  for (const name of new Set([...origins.values()].map(nameOfOrigin))) {
    const graph = graphs.get(name);
    if (graph !== undefined) graphs.set(name, { ...graph, flakeDigest: (yield* flakeOf(graph.document)).digest });
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
