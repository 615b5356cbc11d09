import { Effect, Result, Schema } from "effect";
import { Execution } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { type Candidate, wavesWith } from "../../../domain/deployment/request.ts";
import { applyChanges, GraphChange } from "../../../domain/graph/changes.ts";
import type { Action } from "../../action.ts";
import { CommandHandling } from "../../command-handling.ts";
import { candidateOf, flakeOf, graphAt, graphDigestOf } from "../../look-ups/graphs.ts";
import { Artifacts } from "../../ports/mod.ts";
import { give } from "../actions.ts";
import { fail } from "./fail.ts";
import { workflowName } from "./name.ts";

const Pinned = Schema.Struct({
  deployment: Schema.String,
  graph: Schema.String,
  graphVersion: Schema.Int,
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  pinnedVersion: Schema.Boolean,
});
const Amendment = Schema.Struct({
  ...Pinned.fields,
  changes: Schema.Array(GraphChange),
  hosts: Execution.fields.hosts,
});

const Submission = Schema.Struct({ deployment: Schema.String, proposal: Schema.Json });

const decodeSubmission = Schema.decodeUnknownEffect(Submission);
const decodePinned = Schema.decodeUnknownEffect(Pinned);
const decodeAmendment = Schema.decodeUnknownEffect(Amendment);

const approvalVoid = (id: string, detail: string): ReadonlyArray<Action> => [fail(id, "approval-void", detail)];
const notApplicable = (id: string, detail: string): ReadonlyArray<Action> => [
  fail(id, "conditions-not-applicable", detail),
];

/**
 * Puts the revision to the vote. What the policy does not allow ends the deployment at once, not at its time limit. The
 * command id is the deployment's, so that it is submitted once.
 */
export const propose = Effect.fnUntraced(function* (input: Schema.Json) {
  const { deployment: id, proposal: payload } = yield* Effect.orDie(decodeSubmission(input));
  const submitted = yield* (yield* CommandHandling)
    .handle({
      ...{ aggregate: "proposal", id, command: "submit", payload, principal: workflowName, audience: "internal" },
      ...{ commandId: `${id}:propose`, correlationId: id },
    })
    .pipe(Effect.result);
  if (Result.isSuccess(submitted)) return [];
  const error = submitted.failure;
  if (error.code === "unavailable" || error.code === "timeout") return yield* error;
  return [fail(id, "not-put-to-the-vote", error.message)];
});

/** Renders and stores the flake, if the graph still is what was decided on. */
export const generate = Effect.fnUntraced(function* (input: Schema.Json) {
  const pinned = yield* Effect.orDie(decodePinned(input));
  const { deployment: id, graph, graphVersion, graphDigest, flakeDigest, pinnedVersion } = pinned;
  const graphs = yield* graphAt(graph, pinnedVersion ? graphVersion : undefined);
  if (graphs === undefined || !("found" in graphs)) return approvalVoid(id, `graph ${graph} is gone`);
  const { document, archived } = graphs.found;
  if (archived) return approvalVoid(id, `graph ${graph} was archived after version ${graphVersion} was decided on`);
  if ((yield* graphDigestOf(document)) !== graphDigest)
    return approvalVoid(id, `graph ${graph} has changed since version ${graphVersion} was decided on`);
  const { flake, text, digest } = yield* flakeOf(document);
  if (digest !== flakeDigest) return approvalVoid(id, `the flake is ${digest}, but ${flakeDigest} was decided on`);
  yield* (yield* Artifacts).put(digest, text);
  const files = Object.keys(flake.files).length;
  const bytes = new TextEncoder().encode(text).length;
  return [give(deployment, id, { type: "record-generated", payload: { flakeDigest, files, bytes } })];
});

/**
 * Makes the changes that the approval depends on, all or none: the graph is imported as it is with them, on the version
 * that was decided on. The command id is the deployment's, so that the import happens once.
 */
export const amend = Effect.fnUntraced(function* (input: Schema.Json) {
  const {
    deployment: id,
    graph,
    graphVersion,
    graphDigest,
    changes,
    hosts,
  } = yield* Effect.orDie(decodeAmendment(input));
  const graphs = yield* graphAt(graph, graphVersion);
  if (graphs === undefined || !("found" in graphs)) return approvalVoid(id, `graph ${graph} is gone`);
  if ((yield* graphDigestOf(graphs.found.document)) !== graphDigest)
    return approvalVoid(id, `graph ${graph} has changed since version ${graphVersion} was decided on`);
  const amended = applyChanges(graphs.found.document, changes);
  if (Result.isFailure(amended)) return notApplicable(id, amended.failure.message);
  const candidate = yield* candidateOf(amended.success, graphVersion);
  if (candidate.is !== "revision") return notApplicable(id, obstacle(candidate));

  const imported = yield* (yield* CommandHandling)
    .handle({
      aggregate: "graph",
      id: graph,
      command: "import",
      payload: amended.success,
      principal: workflowName,
      audience: "internal",
      commandId: `${id}:amend`,
      correlationId: id,
      expectedVersion: graphVersion,
    })
    .pipe(Effect.result);
  if (Result.isFailure(imported)) {
    const error = imported.failure;
    if (error.code === "unavailable" || error.code === "timeout") return yield* error;
    return approvalVoid(id, `graph ${graph} could not be amended: ${error.message}`);
  }
  const revision = {
    ...candidate.revision,
    waves: wavesWith(candidate.revision.waves, hosts),
    graphVersion: imported.success.version,
  };
  return [give(deployment, id, { type: "amend", payload: { ...revision, changes } })];
});

const obstacle = (candidate: Exclude<Candidate, { is: "revision" }>): string => {
  switch (candidate.is) {
    case "invalid-graph":
      return `the amended graph cannot be deployed: ${candidate.problems.map(({ message }) => message).join("; ")}`;
    default:
      return `the amended graph is ${candidate.is}`;
  }
};
