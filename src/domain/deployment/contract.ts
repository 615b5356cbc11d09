import { Effect, Schema } from "effect";
import { VoterCondition } from "../consensus/ballot.ts";
import { Threshold, ThresholdText } from "../consensus/fraction.ts";
import { Protocol } from "../consensus/protocols.ts";
import { Excluded, RoundNumber } from "../consensus/rounds.ts";
import { Tally } from "../consensus/tally.ts";
import { allowing, GraphChange } from "../graph/contract.ts";
import { GraphPins } from "../graph/host-files.ts";
import { Target } from "../host/contract.ts";
import {
  AggregateId,
  bounds,
  command,
  event,
  Instant,
  internalCommand,
  List,
  Name,
  NonEmptyText,
  PositiveSeconds,
  Principal,
  Provenance,
  Seconds,
  Text,
} from "../kernel/mod.ts";
import { Waiting } from "./activation.ts";
import { acceptDataLoss, data, dataLossAccepted } from "./data/fate.ts";
import { execution } from "./execution.ts";
import { GivenBreakGlass, GlassBroken, GlassReviewClosed } from "./glass.ts";
import { ForeignHost } from "./ownership.ts";
import { Finding, GivenFinding } from "./review.ts";
import { HostStep, LogTail, Step } from "./steps.ts";
import { ReachedHost, Waves } from "./waves.ts";

/** Shorter than other ids, because the ids of its tasks and timers begin with it. */
export const DeploymentId = AggregateId.check(Schema.isMaxLength(100));

export { Target } from "../host/contract.ts";

/** The time limits of the phases, and of the whole deployment until its success. */
export const Settings = Schema.Struct({
  discussionSeconds: Seconds,
  /**
   * Whether the policy requires this much reading time. The discussion then does not end early after the last review.
   */
  wholeDiscussion: Schema.optionalKey(Schema.Boolean),
  /** If absent, the policy's time applies. */
  votingSeconds: Schema.optionalKey(PositiveSeconds),
  monitorSeconds: Seconds,
  timeoutSeconds: PositiveSeconds,
});
export type Settings = typeof Settings.Type;

const GraphVersion = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** What is deployed: a version of a graph and its flake, both by digest, and the hosts in order. */
export const Revision = Schema.Struct({
  graphVersion: GraphVersion,
  graphDigest: Schema.String,
  flakeDigest: Schema.String,
  waves: Waves,
});
export type Revision = typeof Revision.Type;

/** How the vote on a deployment ended. */
export const VoteOutcome = Schema.Literals([
  "approved",
  "approved-with-conditions",
  "rejected",
  "vetoed",
  "expired",
  "withdrawn",
  "cancelled",
  "superseded",
]);
export type VoteOutcome = typeof VoteOutcome.Type;

/** The number of the rollback attempt, from 1. */
const Attempt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const Hosts = Schema.Array(Name);
const reason = Schema.optionalKey(Schema.String);
const failure = {
  reason: Schema.NonEmptyString,
  detail: Schema.optionalKey(Schema.String),
  /** Where it failed: the host, the failed step, and the last output of the step's programs. */
  host: Schema.optionalKey(Name),
  step: Schema.optionalKey(Step),
  log: Schema.optionalKey(LogTail),
};
/**
 * Why a rolled-back revision is deployed again. `deployment` is the one that rolled it back, if known at the request.
 */
const insistence = { reason: Schema.NonEmptyString, deployment: Schema.optionalKey(AggregateId) };
/** A commit of the graph on behalf of a principal. `offered` if a reviewer had offered all of it as a remedy. */
const AmendingCommit = Schema.Struct({ author: Principal, version: GraphVersion, offered: Schema.Boolean });
const amendment = {
  ...Revision.fields,
  data,
  changes: Schema.Array(GraphChange),
  /** The round that required it, its conditions, and the authors in the log of the graph. */
  round: Schema.optionalKey(RoundNumber),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  commits: Schema.optionalKey(Schema.Array(AmendingCommit)),
  /** The inputs that were pinned before the review. Such an amendment has no round. */
  pins: Schema.optionalKey(GraphPins),
};
/** The digests to which the counted ballots were bound. */
const Counted = Schema.Struct({ graphDigest: Schema.String, flakeDigest: Schema.String });
/** How a review was produced. Older events have any JSON. */
const provenance = Schema.optionalKey(Schema.Json);
const generated = { flakeDigest: Schema.String, files: Schema.Int, bytes: Schema.Int };

/** The phase in which a deployment failed or was rolled back. */
export const Phase = Schema.Literals([
  "requested",
  "discussing",
  "voting",
  "generating",
  "waiting",
  "deploying",
  "monitoring",
  "succeeded",
  "rollback-incomplete",
]);
export type Phase = typeof Phase.Type;

/** The state of a deployment: open, ended, or being rolled back. */
export const DeploymentStatus = Schema.Literals([
  "requested",
  "discussing",
  "voting",
  "generating",
  "waiting",
  "deploying",
  "monitoring",
  "succeeded",
  "rolling-back",
  "rejected",
  "failed",
  "cancelled",
  "rolled-back",
  "rollback-incomplete",
]);
export type DeploymentStatus = typeof DeploymentStatus.Type;

const givenReason = Schema.optionalKey(Text(bounds.text));

export const deploymentCommands = {
  request: command(
    Schema.Struct({
      graph: Name,
      version: Schema.optionalKey(GraphVersion),
      target: Target,
      // The policy for deployments applies to absent fields.
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(Threshold),
      ...execution,
      hosts: Schema.optionalKey(List(Name, bounds.many).check(Schema.isMinLength(1), Schema.isUnique())),
      acceptRemovals: Schema.optionalKey(List(NonEmptyText(bounds.name), bounds.many).check(Schema.isUnique())),
      reboot: Schema.optionalKey(Schema.Boolean),
      /** Hosts of other graphs that this graph takes over. */
      takeOver: Schema.optionalKey(List(Name, bounds.many).check(Schema.isMinLength(1), Schema.isUnique())),
      insist: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
      reason: givenReason,
      acceptDataLoss,
      /** The inputs that may stay unpinned. Each building machine then resolves them for itself. */
      unpinned: Schema.optionalKey(List(NonEmptyText(bounds.name), bounds.list).check(Schema.isUnique())),
      /** The default is 30, or the policy's minimum if that is more. */
      discussionSeconds: Schema.optionalKey(Seconds),
      votingSeconds: Schema.optionalKey(PositiveSeconds),
      monitorSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(30))),
      /** The default is 300. If discussion, votes and monitoring may take longer, it is a minute more than these. */
      timeoutSeconds: Schema.optionalKey(PositiveSeconds),
      /** Breaks the glass at once, before any review or ballot. The request must then be signed. */
      breakGlass: Schema.optionalKey(GivenBreakGlass),
    }),
    "Requests that a graph is discussed, voted on and deployed.",
    { by: ["operator"], creates: true },
  ),
  cancel: command(Schema.Struct({ reason: givenReason }), "Cancels the deployment and rolls touched hosts back.", {
    by: ["operator"],
  }),
  "roll-back": command(
    Schema.Struct({ reason: givenReason, acceptDataLoss }),
    "Restores on every host the system that it ran before the deployment.",
    { by: ["operator"] },
  ),
  review: command(
    Schema.Struct({
      /** The `graphDigest` of the reviewed revision. */
      revision: NonEmptyText(bounds.name),
      findings: List(GivenFinding, bounds.many),
      ...allowing,
      provenance: Schema.optionalKey(Provenance),
    }),
    "Records a reviewer's findings in a revision, and replaces the reviewer's earlier review. The last review ends the discussion.",
    { by: ["reviewer"] },
  ),
  "break-glass": command(
    GivenBreakGlass,
    "Deploys a revision despite blocking findings, windows and current freezes. Must be signed, and is reviewed afterwards.",
    { by: ["operator", "admin"] },
  ),
  "close-review": command(
    Schema.Struct({ conclusion: NonEmptyText(bounds.text) }),
    "Closes the review of a broken glass after the end of the deployment. The person who broke it may not close it.",
    { by: ["voter", "admin"] },
  ),
  "begin-discussion": internalCommand(
    Schema.Struct({ dialog: AggregateId }),
    "Begins the discussion, because the reviewers were asked.",
  ),
  "end-discussion": internalCommand(Schema.Struct({}), "Ends the discussion, because the time for reviews is over."),
  "begin-voting": internalCommand(Schema.Struct({ proposal: AggregateId }), "Puts the revision to the vote."),
  "record-decision": internalCommand(
    Schema.Struct({
      outcome: VoteOutcome,
      tally: Schema.optionalKey(Tally),
      conditions: Schema.Array(VoterCondition),
      /** For an approval. */
      counted: Schema.optionalKey(Counted),
      /** Whether blocking findings are a veto under the rules of the vote; true by default. */
      blockingVetoes: Schema.optionalKey(Schema.Boolean),
      /** Why it was not approved. */
      detail: Schema.optionalKey(Schema.String),
    }),
    "Records the outcome of the vote. Anything but an approval of this exact revision rejects the deployment.",
  ),
  amend: internalCommand(
    Schema.Struct(amendment),
    "Replaces the revision, because conditions of the vote were applied or inputs were pinned.",
  ),
  "record-generated": internalCommand(Schema.Struct(generated), "Records that the flake was rendered and stored."),
  "begin-deploying": internalCommand(
    Schema.Struct({ task: AggregateId }),
    "Asks a deployer, unless a freeze or the policy prevents the activation.",
  ),
  "record-step": internalCommand(HostStep, "Records a step of a host; changes nothing if it is known already."),
  "finish-deploying": internalCommand(
    Schema.Struct({ task: AggregateId }),
    "Ends deploying. `task` is the monitor's. If a host is not confirmed, the deployment fails.",
  ),
  "finish-monitoring": internalCommand(Schema.Struct({}), "Ends monitoring, because the hosts stayed healthy."),
  fail: internalCommand(Schema.Struct(failure), "Fails the deployment and rolls touched hosts back."),
  "time-out": internalCommand(Schema.Struct({}), "Fails the deployment, because it has taken too long."),
  "finish-rollback": internalCommand(
    Schema.Struct({ attempt: Attempt, restored: Hosts }),
    "Ends a rollback attempt. It is incomplete if a host is not restored.",
  ),
};

const OldReview = Schema.Struct({
  reviewer: Principal,
  findings: Schema.Array(Schema.Record(Schema.String, Schema.Json)),
});
const isOldReview = Schema.is(OldReview);

/** Notes were formerly called `info`. */
const withNotes = (data: Schema.Json): Schema.Json => {
  if (!isOldReview(data)) return data;
  const { reviewer, findings } = data;
  return { reviewer, findings: findings.map((one) => (one.severity === "info" ? { ...one, severity: "note" } : one)) };
};

export const deploymentEvents = {
  "deployment-requested": event(
    Schema.Struct({
      graph: Name,
      ...Revision.fields,
      target: Target,
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(ThresholdText),
      reviewers: Schema.Array(Principal),
      /** The principals without a vote, because they are authors, with reasons. */
      excluded: Schema.optionalKey(Schema.Array(Excluded)),
      settings: Settings,
      ...execution,
      insisted: Schema.optionalKey(Schema.Struct(insistence)),
      data,
      acceptDataLoss: dataLossAccepted,
      /** The unpinned inputs, which a deployer pins before the review. */
      toPin: Schema.optionalKey(GraphPins),
      /** The inputs that stay unpinned, as requested. */
      unpinned: Schema.optionalKey(Schema.Array(Schema.String)),
      /** The hosts that it takes over from other graphs, or that this graph had under another id. */
      takeOver: Schema.optionalKey(Schema.Array(ForeignHost)),
      pinnedVersion: Schema.Boolean,
      requestedBy: Principal,
    }),
    "A deployment was requested. `pinnedVersion` if the request named the version, so that a newer one does not matter.",
  ),
  "discussion-started": event(
    Schema.Struct({ dialog: AggregateId, deadline: Instant }),
    "The discussion began. The reviewers have until the deadline to report their findings.",
  ),
  "review-recorded": event(
    Schema.Struct({
      reviewer: Principal,
      /** The reviewed `graphDigest`; absent in events of versions without rounds. */
      revision: Schema.optionalKey(Schema.String),
      findings: Schema.Array(Finding),
      /** Fields of the remedies that look like secrets and that the reviewer declared harmless. */
      allowSecretLike: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
      provenance,
    }),
    "A reviewer reported its findings in a revision.",
    { version: 2, upcasters: { 1: withNotes } },
  ),
  "discussion-ended": event(
    Schema.Struct({ reason: Schema.Literals(["all-reviewed", "deadline"]), silent: Schema.Array(Principal) }),
    "The discussion ended. `silent` has the reviewers without a review.",
  ),
  "voting-started": event(Schema.Struct({ proposal: AggregateId }), "The vote of the reviewers began."),
  "deployment-approved": event(
    Schema.Struct({ tally: Schema.optionalKey(Tally), conditions: Schema.Array(VoterCondition) }),
    "The vote approved the deployment with these conditions.",
  ),
  "deployment-rejected": event(
    Schema.Struct({
      outcome: VoteOutcome,
      tally: Schema.optionalKey(Tally),
      detail: Schema.optionalKey(Schema.String),
    }),
    "The vote did not approve the deployment.",
  ),
  "revision-amended": event(Schema.Struct(amendment), "This revision, with the changes, replaces the last one."),
  "glass-broken": event(
    GlassBroken,
    "The glass was broken, so this revision is deployed despite obstacles. The review is open.",
  ),
  "glass-review-closed": event(GlassReviewClosed, "Another person has reviewed why the glass was broken."),
  "flake-generated": event(Schema.Struct(generated), "The flake is stored under its digest."),
  "activation-awaited": event(Waiting, "The deployment is approved, but cannot begin yet."),
  "deploying-started": event(
    Schema.Struct({
      task: AggregateId,
      /**
       * How hosts of earlier deployments are reached. Until they are confirmed, the old way may still be the right one.
       */
      reached: Schema.optionalKey(Schema.Array(ReachedHost)),
    }),
    "A deployer was asked.",
  ),
  "host-step-recorded": event(HostStep, "A host reached a step."),
  "monitoring-started": event(
    Schema.Struct({ task: AggregateId, seconds: Seconds }),
    "Every host runs its new closure, and is monitored for health and drift.",
  ),
  "deployment-succeeded": event(Schema.Struct({}), "Every host was confirmed and stayed healthy."),
  "rollback-started": event(
    Schema.Struct({
      ...failure,
      acceptDataLoss: dataLossAccepted,
      /** The principal that requested it; absent if it follows a failure. */
      by: Schema.optionalKey(Principal),
      phase: Phase,
      attempt: Attempt,
      task: AggregateId,
      hosts: Hosts,
    }),
    "Every touched host returns to its previous closure, last touched first.",
  ),
  "deployment-rolled-back": event(Schema.Struct({ hosts: Hosts }), "These hosts run their previous closures again."),
  "rollback-incomplete": event(Schema.Struct({ hosts: Hosts }), "These hosts could not be put back."),
  "deployment-failed": event(
    Schema.Struct({ phase: Phase, ...failure }),
    "The deployment failed before it touched a host.",
  ),
  "deployment-cancelled": event(
    Schema.Struct({ by: Principal, reason }),
    "The deployment was cancelled before it touched a host.",
  ),
};
