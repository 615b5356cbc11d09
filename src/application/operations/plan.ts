import { Effect, Option, Schema } from "effect";
import type { Revision } from "../../domain/deployment/contract.ts";
import { type HostNow, hostChanges } from "../../domain/deployment/host-changes.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { hostFile } from "../../domain/nix/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { candidateOf, flakeOf, graphAt } from "../look-ups/graphs.ts";
import { unavailableLog } from "../look-ups/unavailable.ts";
import { Artifacts } from "../ports/mod.ts";
import { operation } from "../queries.ts";
import { ReadModels } from "../read-models.ts";

const PlanInput = Schema.Struct({
  graph: Name,
  version: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
});

const HostDocument = Schema.Struct({
  closure: Schema.optionalKey(Schema.String),
  deployment: Schema.optionalKey(Schema.String),
  drift: Schema.Boolean,
});
type HostDocument = typeof HostDocument.Type;
const decodeHost = Schema.decodeUnknownOption(HostDocument);

const DeploymentDocument = Schema.Struct({
  flakeDigest: Schema.String,
  hosts: Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String })),
});
const decodeDeployment = Schema.decodeUnknownOption(DeploymentDocument);

const FlakeText = Schema.fromJsonString(Schema.Struct({ files: Schema.Record(Schema.String, Schema.String) }));
const decodeFlake = Schema.decodeUnknownOption(FlakeText);

/** The module that a host was built from; undefined where that is not known, or not what was deployed last. */
const deployedModule = Effect.fnUntraced(function* (
  host: string,
  { deployment, drift }: HostDocument,
  deployments: ReadonlyMap<string, Schema.Json>,
) {
  const document = Option.getOrUndefined(decodeDeployment(deployments.get(deployment ?? "")));
  const confirmed = document?.hosts.some(({ id, status }) => id === host && status === "confirmed") ?? false;
  if (document === undefined || !confirmed || drift) return undefined;
  const text = yield* (yield* Artifacts).get(document.flakeDigest);
  return Option.getOrUndefined(Option.flatMap(text, decodeFlake))?.files[hostFile(host)];
}, unavailableLog);

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
    case "revision": {
      const { flake } = yield* flakeOf(document);
      return { document, flake, revision: candidate.revision };
    }
  }
});

const refused = (reason: string, message: string, details: Readonly<Record<string, Schema.Json>> = {}) =>
  new CommandError({ code: "rejected", message, details: { ...details, reason } });

const plan = operation({
  input: PlanInput,
  description: "What deploying a graph would change, host by host, in order; nothing is touched",
  answer: Effect.fnUntraced(function* (input: typeof PlanInput.Type, deployments) {
    const { document, flake, revision } = yield* candidateToPlan(input);
    const hosts = (yield* (yield* ReadModels).documents("hosts")).documents;
    const now = new Map<string, HostNow>();
    for (const { id } of document.nodes) {
      const known = Option.getOrUndefined(decodeHost(hosts.get(id)));
      if (known === undefined) continue;
      const module = yield* deployedModule(id, known, deployments);
      now.set(id, {
        deployed: known.deployment !== undefined,
        ...(known.closure === undefined ? {} : { closure: known.closure }),
        ...(module === undefined ? {} : { module }),
      });
    }
    const waves = hostChanges(document, flake, now).map((wave) => wave.map((change) => ({ ...change })));
    return { graph: input.graph, ...summaryOf(revision), waves };
  }),
});

const summaryOf = ({ graphVersion, graphDigest, flakeDigest }: Revision) => ({
  graphVersion,
  graphDigest,
  flakeDigest,
});

/** What can be asked about deployments besides the documents of the view. */
export const deploymentOperations = { plan };
