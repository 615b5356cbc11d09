import { Effect, Fiber, Result, Schema } from "effect";
import { VoterCondition } from "../../../domain/consensus/ballot.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import { Target } from "../../../domain/deployment/contract.ts";
import { DataFate, isAtRisk } from "../../../domain/deployment/data/fate.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { Execution } from "../../../domain/deployment/execution.ts";
import type { Candidate } from "../../../domain/deployment/request.ts";
import { amendedAsRolledBack } from "../../../domain/deployment/rivals.ts";
import { wavesWith } from "../../../domain/deployment/waves.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { isTransient } from "../../command-error.ts";
import { CommandHandling } from "../../command-handling.ts";
import { dataUnder } from "../../look-ups/deployed.ts";
import { rolledBackAmong } from "../../look-ups/deployments.ts";
import { decidedFlake, decidedGraph, examinedGraph, graphAt, storableCandidateOf } from "../../look-ups/graphs.ts";
import { give } from "../actions.ts";
import { type AmendedGraph, amendmentOf } from "./amendment.ts";
import { workflowName } from "./state.ts";

export const Pinned = Schema.Struct({
  deployment: Schema.String,
  graph: Schema.String,
  graphVersion: Schema.Int,
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  pinnedVersion: Schema.Boolean,
});
const Amendment = Schema.Struct({
  ...Pinned.fields,
  data: Schema.optionalKey(Schema.Array(DataFate)),
  acceptDataLoss: Schema.optionalKey(Schema.Array(Schema.String)),
  round: Schema.Int,
  conditions: Schema.Array(VoterCondition),
  /** The voters whose conditions were not offered by a reviewer. */
  authors: Schema.Array(Schema.String),
  requestedBy: Schema.String,
  target: Target,
  /** Whether it continues even if its revision was rolled back before. */
  insisted: Schema.Boolean,
  hosts: Execution.fields.hosts,
});
type Amendment = typeof Amendment.Type;

const Submission = Schema.Struct({ deployment: Schema.String, proposal: Schema.Json });

const decodeSubmission = Schema.decodeUnknownEffect(Submission);
const decodePinned = Schema.decodeUnknownEffect(Pinned);
const decodeAmendment = Schema.decodeUnknownEffect(Amendment);

/** Returns the failure of a deployment whose operation is impossible. */
export const failFor =
  (reason: string) =>
  (id: string, detail: string): ReadonlyArray<Action> => [
    give(deployment, id, { type: "fail", payload: { reason, detail } }),
  ];

const approvalVoid = failFor("approval-void");
const notApplicable = failFor("conditions-not-applicable");
const rolledBack = failFor("rolled-back-before");
const notPutToTheVote = failFor("not-put-to-the-vote");

/**
 * Puts the revision to the vote. If the policy refuses it, the deployment ends at once instead of at its time limit.
 * The command id derives from the deployment, so the proposal is submitted only once.
 */
export const propose = Effect.fnUntraced(function* (input: Schema.Json) {
  const { deployment: id, proposal: payload } = yield* Effect.orDie(decodeSubmission(input));
  const submitted = yield* (yield* CommandHandling)
    .handle({
      aggregate: "proposal",
      id,
      command: "put-to-vote",
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

/** Reads the approved flake, if its graph is still the approved graph. */
export const generate = Effect.fnUntraced(function* (input: Schema.Json) {
  const pinned = yield* Effect.orDie(decodePinned(input));
  const { deployment: id, flakeDigest } = pinned;
  const decided = yield* decidedFlake(pinned);
  if (decided.changed !== undefined) return approvalVoid(id, decided.changed);
  const { files, bytes } = decided.flake;
  const generated = { flakeDigest, files, bytes };
  return [give(deployment, id, { type: "record-generated", payload: generated })];
});

/** An import of the graph on behalf of a principal, on top of a given version. */
interface Import {
  readonly principal: string;
  readonly document: AmendedGraph["steps"][number]["document"];
  readonly allowSecretLike: ReadonlyArray<string>;
  readonly version: number;
  readonly purpose: string;
}

/** Imports a graph. The command id names the deployment and the round, so each import happens only once. */
const importGraph = Effect.fnUntraced(function* (amendment: Amendment, one: Import) {
  const { deployment: id, graph, round } = amendment;
  const { principal, document, allowSecretLike, version, purpose } = one;
  return yield* (yield* CommandHandling)
    .handle({
      aggregate: "graph",
      id: graph,
      command: "import",
      payload: allowSecretLike.length === 0 ? document : { ...document, allowSecretLike },
      principal,
      audience: "internal",
      commandId: `${id}:${purpose}:${round}`,
      correlationId: id,
      expectedVersion: version,
    })
    .pipe(Effect.result);
});

/**
 * Applies the changes that a round requires, all or none, on behalf of the voters that require them. So the log of the
 * graph names its real authors. The changes go on top of the newest version. If the request was for an older version,
 * the requester first restores it: the graph gets the older content, then the changes, as new versions.
 */
export const amend = Effect.fnUntraced(function* (input: Schema.Json) {
  const amendment = yield* Effect.orDie(decodeAmendment(input));
  const { deployment: id, graph, graphVersion, graphDigest, flakeDigest, pinnedVersion, hosts } = amendment;
  const { round, conditions, authors, requestedBy, target, insisted } = amendment;
  const decided = yield* decidedGraph({ graph, graphVersion, graphDigest, pinnedVersion: true });
  if (decided.changed !== undefined) return approvalVoid(id, decided.changed);
  const amended = amendmentOf(decided.document, conditions);
  if (Result.isFailure(amended)) return notApplicable(id, amended.failure);
  const { steps, changes, document } = amended.success;
  const allowed = [...decided.allowed, ...steps.flatMap(({ allowSecretLike }) => allowSecretLike)];
  const { candidate, store } = yield* storableCandidateOf({ document, version: graphVersion, allowed });
  if (candidate.is !== "revision") return notApplicable(id, obstacle(candidate));
  if (candidate.revision.graphDigest === graphDigest && candidate.revision.flakeDigest === flakeDigest) {
    const { data, acceptDataLoss } = amendment;
    const revision = { deployment: id, graph, graphVersion, graphDigest, flakeDigest, pinnedVersion };
    const subject = { ...revision, ...defined({ data, acceptDataLoss }) };
    return [give(proposal, id, { type: "open-round", payload: { round: round + 1, subject } })];
  }

  // Stored while the graph is changed, because people wait for the next round.
  const storing = yield* Effect.forkChild(store);
  // Checked before the graph is changed, because the deployment would refuse such a revision.
  const before = yield* rolledBackAmong(id, { graph, graphDigest: candidate.revision.graphDigest, target });
  if (before !== undefined && !insisted) return rolledBack(id, amendedAsRolledBack(id, before.id));
  const newest = yield* graphAt(graph);
  if (newest === undefined || !("found" in newest)) return approvalVoid(id, `graph ${graph} is gone`);
  const { found } = newest;
  if (found.archived) return approvalVoid(id, `graph ${graph} was archived after this was decided on`);
  const isNewest = (yield* examinedGraph(found.document)).digest === graphDigest;
  const goingBack: ReadonlyArray<Omit<Import, "version">> =
    pinnedVersion && !isNewest
      ? [{ principal: requestedBy, document: decided.document, allowSecretLike: decided.allowed, purpose: "go-back" }]
      : [];
  const imports = [
    ...goingBack,
    ...steps.map(({ voter, ...step }) => ({ principal: voter, ...step, purpose: "amend" })),
  ];
  // The expected version makes a change since the vote fail as a conflict.
  let version = pinnedVersion || isNewest ? found.version : graphVersion;
  const commits: Array<{ readonly author: string; readonly version: number; readonly offered: boolean }> = [];
  for (const one of imports) {
    const imported = yield* importGraph(amendment, { ...one, version });
    if (Result.isFailure(imported)) {
      const error = imported.failure;
      if (isTransient(error)) return yield* error;
      return error.code === "conflict"
        ? approvalVoid(id, `graph ${graph} has changed since version ${graphVersion} was decided on`)
        : notApplicable(id, error.message);
    }
    if (imported.success.events.length === 0) continue;
    version = imported.success.version;
    const offered = one.purpose === "amend" && !authors.includes(one.principal);
    commits.push({ author: one.principal, version, offered });
  }
  const revision = {
    ...candidate.revision,
    waves: wavesWith(candidate.revision.waves, hosts),
    graphVersion: version,
  };
  const risks = (yield* dataUnder(document, hosts)).filter(isAtRisk);
  const data = risks.length === 0 ? undefined : risks;
  yield* Fiber.join(storing);
  const made = { ...revision, ...defined({ data }), changes, round, conditions, commits };
  return yield* recordAmended(id, made, `${id}:amended:${round}`);
});

/**
 * Records the amendment in the deployment. If the deployment refuses it, for example because the revision was rolled
 * back before, it ends with that reason.
 */
export const recordAmended = Effect.fnUntraced(function* (id: string, payload: Schema.Json, commandId: string) {
  const recorded = yield* (yield* CommandHandling)
    .handle({
      aggregate: deployment.name,
      id,
      command: "amend",
      payload,
      principal: workflowName,
      audience: "internal",
      commandId,
      correlationId: id,
    })
    .pipe(Effect.result);
  if (Result.isSuccess(recorded)) return [];
  const error = recorded.failure;
  if (isTransient(error)) return yield* error;
  const { details } = error;
  const reason = isReasoned(details) ? details.reason : "not-amended";
  return failFor(reason)(id, error.message);
});

const isReasoned = Schema.is(Schema.Struct({ reason: Schema.NonEmptyString }));

export const obstacle = (candidate: Exclude<Candidate, { is: "revision" }>): string => {
  switch (candidate.is) {
    case "invalid-graph":
      return `the amended graph cannot be deployed: ${candidate.problems.map(({ message }) => message).join("; ")}`;
    default:
      return `the amended graph is ${candidate.is}`;
  }
};
