import { Effect, Option, Result, Schema } from "effect";
import type { Revision } from "../../domain/deployment/contract.ts";
import { residentsOf } from "../../domain/deployment/plan.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { renderFlake } from "../../domain/nix/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { candidateOf, graphAt } from "../look-ups/graphs.ts";
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

type Files = Readonly<Record<string, string>>;

/** The files of the flake that a host runs; undefined where that is not known, or not what was deployed last. */
const deployedFiles = Effect.fnUntraced(function* (
  host: string,
  { deployment, drift }: HostDocument,
  deployments: ReadonlyMap<string, Schema.Json>,
) {
  const document = Option.getOrUndefined(decodeDeployment(deployments.get(deployment ?? "")));
  const confirmed = document?.hosts.some(({ id, status }) => id === host && status === "confirmed") ?? false;
  if (document === undefined || !confirmed || drift) return undefined;
  const text = yield* (yield* Artifacts).get(document.flakeDigest);
  return Option.getOrUndefined(Option.flatMap(text, decodeFlake))?.files;
}, unavailableLog);

/** What a host's configuration consists of. */
const shared = "flake.nix";
const ownFile = (host: string) => `hosts/${host}.nix`;

const saysTheSame = (deployed: Files, wanted: Files, host: string): boolean =>
  deployed[ownFile(host)] === wanted[ownFile(host)] && deployed[shared] === wanted[shared];

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
    case "not-renderable":
      return yield* refused("not-renderable", `graph \`${graph}\` cannot be rendered`, {
        nodes: candidate.nodes.map(({ node, reason }) => ({ node, reason })),
      });
    case "revision": {
      const files: Files = Result.match(renderFlake(document), {
        onFailure: () => ({}),
        onSuccess: (one) => one.files,
      });
      return { document, files, revision: candidate.revision };
    }
  }
});

const refused = (reason: string, message: string, details: Readonly<Record<string, Schema.Json>> = {}) =>
  new CommandError({ code: "rejected", message, details: { ...details, reason } });

const plan = operation({
  input: PlanInput,
  description: "What deploying a graph would change, host by host, in order; nothing is touched",
  answer: Effect.fnUntraced(function* (input: typeof PlanInput.Type, deployments) {
    const { document, files, revision } = yield* candidateToPlan(input);
    const residents = residentsOf(document);
    const hosts = (yield* (yield* ReadModels).documents("hosts")).documents;
    const changeOf = Effect.fnUntraced(function* (host: string) {
      const known = Option.getOrUndefined(decodeHost(hosts.get(host)));
      const was = known?.closure === undefined ? {} : { was: known.closure };
      if (known?.deployment === undefined) return { change: "new", ...was };
      const deployed = yield* deployedFiles(host, known, deployments);
      const same = deployed !== undefined && saysTheSame(deployed, files, host);
      return { change: same ? "unchanged" : "changed", ...was };
    });
    const waves = yield* Effect.forEach(revision.waves, (wave) =>
      Effect.forEach(wave, ({ host, address }) =>
        Effect.map(changeOf(host), (change) => ({ host, address, nodes: residents.get(host) ?? [], ...change })),
      ),
    );
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
