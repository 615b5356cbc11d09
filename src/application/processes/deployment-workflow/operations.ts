import { Effect, Result, Schema } from "effect";
import { Execution } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import type { Candidate } from "../../../domain/deployment/request.ts";
import { wavesWith } from "../../../domain/deployment/waves.ts";
import { applyChanges, GraphChange } from "../../../domain/graph/changes.ts";
import type { Action } from "../../action.ts";
import { isTransient } from "../../command-error.ts";
import { CommandHandling } from "../../command-handling.ts";
import { decidedFlake, decidedGraph, filesOf, storedCandidateOf } from "../../look-ups/graphs.ts";
import { give } from "../actions.ts";
import { workflowName } from "./state.ts";

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

/** Fails a deployment whose operation cannot be done. */
const failFor =
  (reason: string) =>
  (id: string, detail: string): ReadonlyArray<Action> => [
    give(deployment, id, { type: "fail", payload: { reason, detail } }),
  ];

const approvalVoid = failFor("approval-void");
const notApplicable = failFor("conditions-not-applicable");
const notPutToTheVote = failFor("not-put-to-the-vote");

/**
 * Puts the revision to the vote. What the policy does not allow ends the deployment at once, not at its time limit. The
 * command id is the deployment's, so that it is submitted once.
 */
export const propose = Effect.fnUntraced(function* (input: Schema.Json) {
  const { deployment: id, proposal: payload } = yield* Effect.orDie(decodeSubmission(input));
  const submitted = yield* (yield* CommandHandling)
    .handle({
      aggregate: "proposal",
      id,
      command: "submit",
      payload,
      principal: workflowName,
      audience: "internal",
      commandId: `${id}:propose`,
      correlationId: id,
    })
    .pipe(Effect.result);
  if (Result.isSuccess(submitted)) return [];
  const error = submitted.failure;
  return isTransient(error) ? yield* error : notPutToTheVote(id, error.message);
});

/** Reads the flake that was decided on, if its graph still is what was decided on. */
export const generate = Effect.fnUntraced(function* (input: Schema.Json) {
  const pinned = yield* Effect.orDie(decodePinned(input));
  const { deployment: id, flakeDigest } = pinned;
  const decided = yield* decidedFlake(pinned);
  if (decided.changed !== undefined) return approvalVoid(id, decided.changed);
  const { flake } = decided;
  const generated = {
    flakeDigest,
    files: Object.keys(filesOf(flake) ?? {}).length,
    bytes: new TextEncoder().encode(flake.text).length,
  };
  return [give(deployment, id, { type: "record-generated", payload: generated })];
});

/**
 * Makes the changes that the approval depends on, all or none: the graph is imported as it is with them, on the version
 * that was decided on. The command id is the deployment's, so that the import happens once.
 */
export const amend = Effect.fnUntraced(function* (input: Schema.Json) {
  const amendment = yield* Effect.orDie(decodeAmendment(input));
  const { deployment: id, graph, graphVersion, changes, hosts } = amendment;
  const decided = yield* decidedGraph({ ...amendment, pinnedVersion: true });
  if (decided.changed !== undefined) return approvalVoid(id, decided.changed);
  const amended = applyChanges(decided.document, changes);
  if (Result.isFailure(amended)) return notApplicable(id, amended.failure.message);
  const candidate = yield* storedCandidateOf(amended.success, graphVersion);
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
    if (isTransient(error)) return yield* error;
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
