import { Effect, type Schema } from "effect";
import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import { type Deployed, dataOriginsOf, hostChanges, originsOf } from "../../domain/deployment/host-changes.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import type { Problem } from "../../domain/graph/problem.ts";
import { hasErrors } from "../../domain/graph/problems.ts";
import { defined } from "../../domain/kernel/mod.ts";
import type { Flake } from "../../domain/nix/mod.ts";
import { CommandError } from "../command-error.ts";
import { filesOf } from "../graph-work.ts";
import type { Documents } from "../live-view.ts";
import { graphsOf } from "../look-ups/deployed.ts";
import { allowedFields, candidateOf, examinedGraph, flakeTextOf, graphAt } from "../look-ups/graphs.ts";
import { type Artifacts, type Digests, type EventStore, FlakeInputs, type Snapshots } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { existingGraph } from "./graphs.ts";

/** Returns the closures that run on all hosts, and the graphs and flakes from which they were built. */
const deployedNow = Effect.fnUntraced(function* (deployments: Documents<DeploymentDocument>) {
  const hosts = [...(yield* (yield* ReadModels).documents("hosts")).documents.values()];
  const all = [...deployments.values()];
  const origins = originsOf(hosts, all);
  const dataOrigins = dataOriginsOf(hosts, all);
  const graphs = yield* graphsOf([...origins.values(), ...dataOrigins.values()]);
  const flakes = new Map<string, Flake["files"]>();
  for (const digest of new Set([...origins.values()].map(({ flakeDigest }) => flakeDigest))) {
    const files = filesOf((yield* flakeTextOf(digest)) ?? "");
    if (files !== undefined) flakes.set(digest, files);
  }
  const deployed: Deployed = { hosts, origins, dataOrigins, graphs, flakes };
  return deployed;
});

const candidateToPlan = Effect.fnUntraced(function* ({ graph, version }: FullInputOf<"deployments", "plan">) {
  const graphs = yield* existingGraph(graph, version);
  const { document } = graphs;
  const candidate = yield* candidateOf({ ...graphs, allowed: allowedFields(graphs) });
  switch (candidate.is) {
    case "invalid-graph":
      return yield* invalidGraph(graph, candidate.problems);
    case "revision":
      return { document, revision: candidate.revision };
  }
});

/** Returns a document as its import would leave the graph: without `pins`, the pins of the stored graph stay. */
const asImported = Effect.fnUntraced(function* (document: GraphDocument) {
  if (document.pins !== undefined) return document;
  const stored = yield* graphAt(document.id);
  return stored !== undefined && "found" in stored
    ? defined({ ...document, pins: stored.found.document.pins })
    : document;
});

/** Returns what deploying a document would change, whether it is stored or not. */
const compare = Effect.fnUntraced(function* (
  { document: given }: FullInputOf<"deployments", "compare">,
  deployments: Documents<DeploymentDocument>,
) {
  const document = yield* asImported(given);
  const { digest: graphDigest, problems } = yield* examinedGraph(document);
  if (hasErrors(problems)) return yield* invalidGraph(document.id, problems);
  const inputs = yield* FlakeInputs;
  const changes = hostChanges(document, yield* deployedNow(deployments), inputs);
  return { graph: document.id, graphDigest, pins: { ...inputs, ...document.pins }, ...changes };
});

const invalidGraph = (graph: string, problems: ReadonlyArray<Problem>) =>
  refused("invalid-graph", `graph \`${graph}\` cannot be deployed`, {
    problems: problems.map((problem) => ({ ...problem })),
  });

const refused = (reason: string, message: string, details: Readonly<Record<string, Schema.Json>> = {}) =>
  new CommandError({ code: "rejected", message, details: { ...details, reason } });

/** The answers about deployments. */
export const deploymentAnswers = {
  get: getDocument("deployment"),
  list: listDocuments,
  compare,
  plan: Effect.fnUntraced(function* (input, deployments) {
    const { document, revision } = yield* candidateToPlan(input);
    const { graphVersion, graphDigest, flakeDigest } = revision;
    const { waves, gone, data } = hostChanges(document, yield* deployedNow(deployments), yield* FlakeInputs);
    return { graph: input.graph, graphVersion, graphDigest, flakeDigest, waves, gone, data };
  }),
} satisfies AnswersOf<"deployments", Artifacts | Digests | EventStore | ReadModels | Snapshots>;
