import { Effect, Option, Schema } from "effect";
import type { Revision } from "../../domain/deployment/contract.ts";
import {
  type Deployed,
  hostChanges,
  KnownHost,
  nameOfOrigin,
  type OriginalGraph,
  originsOf,
  PastDeployment,
} from "../../domain/deployment/host-changes.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { candidateOf, flakeOf, graphAt } from "../look-ups/graphs.ts";
import { operation } from "../queries.ts";
import { ReadModels } from "../read-models.ts";

const PlanInput = Schema.Struct({
  graph: Name,
  version: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
});

const decodeHost = Schema.decodeUnknownOption(KnownHost);
const decodeDeployment = Schema.decodeUnknownOption(PastDeployment);

type Documents = ReadonlyMap<string, Schema.Json>;

const decoded = <T>(documents: Documents, decode: (document: Schema.Json) => Option.Option<T>): ReadonlyArray<T> =>
  [...documents.values()].flatMap((document) => Option.toArray(decode(document)));

/** What runs on every host, and the graphs that it was built from. */
const deployedNow = Effect.fnUntraced(function* (deployments: Documents) {
  const hosts = decoded((yield* (yield* ReadModels).documents("hosts")).documents, decodeHost);
  const origins = originsOf(hosts, decoded(deployments, decodeDeployment));
  const graphs = new Map<string, OriginalGraph>();
  for (const origin of origins.values()) {
    if (graphs.has(nameOfOrigin(origin))) continue;
    const graph = yield* graphAt(origin.graph, origin.version);
    if (graph === undefined || !("found" in graph)) continue;
    const { document } = graph.found;
    const { digest } = yield* flakeOf(document);
    graphs.set(nameOfOrigin(origin), { document, flakeDigest: digest });
  }
  const deployed: Deployed = { hosts, origins, graphs };
  return deployed;
});

const candidateToPlan = Effect.fnUntraced(function* ({ graph, version }: typeof PlanInput.Type) {
  const graphs = yield* graphAt(graph, version);
  if (graphs === undefined) return yield* notFound("graph", graph);
  if (!("found" in graphs))
    return yield* refused(
      "version-not-found",
      `graph \`${graph}\` has no version ${version}; its newest is ${graphs.newest}`,
    );
  const { document, version: at } = graphs.found;
  const candidate = yield* candidateOf(document, at);
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

const plan = operation({
  input: PlanInput,
  description: "What deploying a graph would change, host by host, in order; nothing is touched",
  answer: Effect.fnUntraced(function* (input: typeof PlanInput.Type, deployments) {
    const { document, revision } = yield* candidateToPlan(input);
    const { waves, gone } = hostChanges(document, yield* deployedNow(deployments));
    return { graph: input.graph, ...summaryOf(revision), waves, gone };
  }),
});

const summaryOf = ({ graphVersion, graphDigest, flakeDigest }: Revision) => ({
  graphVersion,
  graphDigest,
  flakeDigest,
});

/** What can be asked about deployments besides the documents of the view. */
export const deploymentOperations = { plan };
