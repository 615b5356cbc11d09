import { Schema } from "effect";
import { Choice, VoterCondition } from "../../domain/consensus/ballot.ts";
import { Excluded, RoundNumber, StandingFinding } from "../../domain/consensus/rounds.ts";
import { Waiting } from "../../domain/deployment/activation.ts";
import { DeploymentStatus, Revision, Target, VoteOutcome } from "../../domain/deployment/contract.ts";
import { DataFate } from "../../domain/deployment/data/fate.ts";
import { Execution } from "../../domain/deployment/execution.ts";
import { GlassBroken, GlassReviewClosed } from "../../domain/deployment/glass.ts";
import { HostChanges } from "../../domain/deployment/host-change.ts";
import { ForeignHost } from "../../domain/deployment/ownership.ts";
import { Finding } from "../../domain/deployment/review.ts";
import { HostStep, Step } from "../../domain/deployment/steps.ts";
import { HostPlan } from "../../domain/deployment/waves.ts";
import { GraphDocument } from "../../domain/graph/document.ts";
import { GraphPins } from "../../domain/graph/host-files.ts";
import { Closure } from "../../domain/host/desired.ts";
import { AggregateId, Instant, Name, Principal } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView, Version } from "./view.ts";

const { graphVersion, graphDigest, flakeDigest } = Revision.fields;

/** The progress of a deployment on one host. */
export const HostProgress = Schema.Struct({
  id: Name,
  /** From 1. */
  wave: Schema.Int,
  address: Schema.String,
  ssh: HostPlan.fields.ssh,
  /** The last step that was reported. */
  status: Schema.Union([Step, Schema.Literal("pending")]),
  closure: Schema.optionalKey(Closure),
  previous: Schema.optionalKey(Closure),
  detail: Schema.optionalKey(Schema.String),
  /** The steps that were taken, in order, each with its duration. */
  steps: Schema.optionalKey(
    Schema.Array(Schema.Struct({ step: Step, at: Instant, milliseconds: HostStep.fields.milliseconds })),
  ),
  /** The step that failed. */
  failedAt: Schema.optionalKey(Step),
  /** The last output of the last step's programs. */
  log: HostStep.fields.log,
  removals: HostStep.fields.removals,
  rebootNeeded: HostStep.fields.rebootNeeded,
}).annotate({ identifier: "HostProgress" });
export type HostProgress = typeof HostProgress.Type;

/** The ballot of a reviewer, in short. */
const ReviewersBallot = Schema.Struct({
  voter: Principal,
  choice: Choice,
  /** The texts of the conditions of an approval. */
  conditions: Schema.optionalKey(Schema.Array(Schema.String)),
});

/** A finished round of the vote, and the amendment that its conditions caused. */
export const DeploymentRound = Schema.Struct({
  round: RoundNumber,
  /** The revision that was put to the vote. */
  graphVersion,
  graphDigest,
  ballots: Schema.Array(ReviewersBallot),
  conditions: Schema.Array(VoterCondition),
  /** The version that has the conditions, and its commits with their authors; absent until it exists. */
  amended: Schema.optionalKey(
    Schema.Struct({
      graphVersion,
      graphDigest,
      commits: Schema.Array(Schema.Struct({ author: Principal, version: graphVersion, offered: Schema.Boolean })),
    }),
  ),
}).annotate({ identifier: "DeploymentRound" });
export type DeploymentRound = typeof DeploymentRound.Type;

/** The last broken glass of a deployment: who broke it, which checks it passed by, and how its review was closed. */
export const BrokenGlassDocument = Schema.Struct({
  ...GlassBroken.fields,
  at: Instant,
  /** Absent while the review is open. Until it is closed, the glass cannot be broken again. */
  closed: Schema.optionalKey(Schema.Struct({ ...GlassReviewClosed.fields, at: Instant })),
}).annotate({ identifier: "BrokenGlass" });

export const DeploymentDocument = Schema.Struct({
  ...documentFields,
  graph: Name,
  graphVersion,
  graphDigest,
  flakeDigest,
  target: Target,
  status: DeploymentStatus,
  /** What an approved deployment waits for before it starts on its hosts. */
  waiting: Schema.optionalKey(Waiting),
  /** Present if the glass was broken. */
  glass: Schema.optionalKey(BrokenGlassDocument),
  /** When it reached this status. */
  statusSince: Instant,
  reason: Schema.optionalKey(Schema.String),
  /** What went wrong. */
  detail: Schema.optionalKey(Schema.String),
  /** The duration of each finished phase, in milliseconds. */
  phases: Schema.Record(Schema.String, Schema.Finite),
  /** The removals from hosts that the request accepts, and whether hosts that need a reboot get one. */
  acceptRemovals: Execution.fields.acceptRemovals,
  reboot: Execution.fields.reboot,
  reviewers: Schema.Array(Principal),
  /** The hosts that it takes over from other graphs, or that its graph had under another id. */
  takeOver: Schema.optionalKey(Schema.Array(ForeignHost)),
  /** Authors of the revision, who therefore have no vote, each with the reason. */
  excluded: Schema.optionalKey(Schema.Array(Excluded)),
  /** What this revision does to the data on the hosts, except data that simply stays. */
  data: Schema.optionalKey(Schema.Array(DataFate)),
  /** The nodes whose data the request allows to be lost. */
  acceptDataLoss: Schema.optionalKey(Schema.Array(Name)),
  /** The inputs that were pinned before the review, and the inputs that the request leaves unpinned. */
  pins: Schema.optionalKey(GraphPins),
  unpinned: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The findings of reviewers, each once, with the first round whose revision has it. */
  findings: Schema.Array(
    Schema.Struct({
      reviewer: Principal,
      ...Finding.fields,
      round: Schema.optionalKey(RoundNumber),
      /** How the review was produced, as the reviewer claims. */
      provenance: Schema.optionalKey(Schema.Json),
    }),
  ),
  /** The principals that have reviewed this revision. */
  reviewed: Schema.Array(Principal),
  /** The moment at which the discussion ends at the latest. */
  discussionEnds: Schema.optionalKey(Instant),
  /** The blocking findings in this revision. */
  blocking: Schema.Array(StandingFinding),
  /** The number of the round, from 1 when voting began, and the rounds before it. */
  round: Schema.optionalKey(RoundNumber),
  rounds: Schema.Array(DeploymentRound),
  /** The newest ballot of each reviewer in this round. */
  ballots: Schema.Array(ReviewersBallot),
  outcome: Schema.optionalKey(VoteOutcome),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  hosts: Schema.Array(HostProgress),
  /** Its newest task, and the agent that has the task or had it last. */
  task: Schema.optionalKey(AggregateId),
  agent: Schema.optionalKey(Principal),
  requestedBy: Principal,
  requestedAt: Instant,
  updatedAt: Instant,
  endedAt: Schema.optionalKey(Instant),
}).annotate({ identifier: "DeploymentDocument" });
export type DeploymentDocument = typeof DeploymentDocument.Type;

export const deployments = {
  description: "Each deployment: what is deployed, its progress on each host, findings and ballots.",
  document: DeploymentDocument,
  operations: {
    ...documentOperations("deployments", DeploymentDocument, DeploymentDocument),
    compare: {
      description:
        "What deploying a given document would change, host by host, in order. The document is not stored, and no host is touched",
      input: Schema.Struct({ document: GraphDocument }),
      answer: Schema.Struct({
        graph: Name,
        graphDigest,
        /** Where the inputs of its flake come from, whether the graph or the installation names them. */
        pins: Schema.Record(Schema.String, Schema.String),
        ...HostChanges.fields,
      }),
    },
    plan: {
      description: "What deploying a graph would change, host by host, in order. No host is touched",
      input: Schema.Struct({ graph: Name, version: Schema.optionalKey(Version) }),
      answer: Schema.Struct({ graph: Name, graphVersion, graphDigest, flakeDigest, ...HostChanges.fields }),
    },
  },
} satisfies PublishedView;
