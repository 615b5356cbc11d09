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

/** How long each phase may take, and the whole deployment up to its success. */
export const Settings = Schema.Struct({
  discussionSeconds: Seconds,
  /** The policy wants this much time for reading: the discussion does not end when the last review is there. */
  wholeDiscussion: Schema.optionalKey(Schema.Boolean),
  /** Without it, the time that the policy gives. */
  votingSeconds: Schema.optionalKey(PositiveSeconds),
  monitorSeconds: Seconds,
  timeoutSeconds: PositiveSeconds,
});
export type Settings = typeof Settings.Type;

const GraphVersion = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** What is deployed: a version of a graph, the flake it renders to, both by digest, and the hosts in their order. */
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

/** Which attempt at rolling back, from 1. */
const Attempt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const Hosts = Schema.Array(Name);
const reason = Schema.optionalKey(Schema.String);
const failure = {
  reason: Schema.NonEmptyString,
  detail: Schema.optionalKey(Schema.String),
  /** Where it went wrong: the host, the step that could not be taken, and what its programs printed last. */
  host: Schema.optionalKey(Name),
  step: Schema.optionalKey(Step),
  log: Schema.optionalKey(LogTail),
};
/** Why a revision is deployed even if it was rolled back; `deployment` if that was known when it was requested. */
const insistence = { reason: Schema.NonEmptyString, deployment: Schema.optionalKey(AggregateId) };
/** A commit of the graph in the name of a principal: `offered` if a reviewer had offered all of it as a remedy. */
const AmendingCommit = Schema.Struct({ author: Principal, version: GraphVersion, offered: Schema.Boolean });
const amendment = {
  ...Revision.fields,
  data,
  changes: Schema.Array(GraphChange),
  /** The round that wanted it, whose conditions it is, and who is named for it in the log of the graph. */
  round: Schema.optionalKey(RoundNumber),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  commits: Schema.optionalKey(Schema.Array(AmendingCommit)),
  /** The inputs that were pinned for it before anybody reviewed it; then no round wanted it. */
  pins: Schema.optionalKey(GraphPins),
};
/** What the ballots that were counted were bound to. */
const Counted = Schema.Struct({ graphDigest: Schema.String, flakeDigest: Schema.String });
/** How a review came about. It could be any JSON before it had a form. */
const provenance = Schema.optionalKey(Schema.Json);
const generated = { flakeDigest: Schema.String, files: Schema.Int, bytes: Schema.Int };

/** Where a deployment stood when it failed or was rolled back. */
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

/** Where a deployment stands: under way, over, or on the way back. */
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
      // What is not said here, the policy for deployments says.
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(Threshold),
      ...execution,
      hosts: Schema.optionalKey(List(Name, bounds.many).check(Schema.isMinLength(1), Schema.isUnique())),
      acceptRemovals: Schema.optionalKey(List(NonEmptyText(bounds.name), bounds.many).check(Schema.isUnique())),
      reboot: Schema.optionalKey(Schema.Boolean),
      /** Hosts that other graphs have, and that this graph is to have from now on. */
      takeOver: Schema.optionalKey(List(Name, bounds.many).check(Schema.isMinLength(1), Schema.isUnique())),
      insist: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
      reason: givenReason,
      acceptDataLoss,
      /** The inputs that may stay unpinned: each machine that builds finds out what they mean. */
      unpinned: Schema.optionalKey(List(NonEmptyText(bounds.name), bounds.list).check(Schema.isUnique())),
      /** By default 30, or what the policy wants if this is more. */
      discussionSeconds: Schema.optionalKey(Seconds),
      votingSeconds: Schema.optionalKey(PositiveSeconds),
      monitorSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(30))),
      /** By default 300, or a minute more than discussion, votes and monitoring may take if this is more. */
      timeoutSeconds: Schema.optionalKey(PositiveSeconds),
      /** Breaks the glass at once, before a review or a ballot can be there; the request is signed then. */
      breakGlass: Schema.optionalKey(GivenBreakGlass),
    }),
    "Asks for a graph to be discussed, decided on and deployed.",
    { by: ["operator"], creates: true },
  ),
  cancel: command(
    Schema.Struct({ reason: givenReason }),
    "Calls the deployment off; hosts that were touched are rolled back.",
    { by: ["operator"] },
  ),
  "roll-back": command(
    Schema.Struct({ reason: givenReason, acceptDataLoss }),
    "Puts every host back to what it ran before the deployment.",
    { by: ["operator"] },
  ),
  review: command(
    Schema.Struct({
      /** The `graphDigest` of the revision that was reviewed. */
      revision: NonEmptyText(bounds.name),
      findings: List(GivenFinding, bounds.many),
      ...allowing,
      provenance: Schema.optionalKey(Provenance),
    }),
    "What a reviewer found in a revision; the last review ends the discussion. Another one takes its place.",
    { by: ["reviewer"] },
  ),
  "break-glass": command(
    GivenBreakGlass,
    "Deploys a revision past blocking findings, windows and the freezes of now; signed, and reviewed afterwards.",
    { by: ["operator", "admin"] },
  ),
  "close-review": command(
    Schema.Struct({ conclusion: NonEmptyText(bounds.text) }),
    "Closes the review of a broken glass; somebody else than who broke it, once the deployment is over.",
    { by: ["voter", "admin"] },
  ),
  "begin-discussion": internalCommand(Schema.Struct({ dialog: AggregateId }), "The reviewers were asked."),
  "end-discussion": internalCommand(Schema.Struct({}), "The time for reviews is over."),
  "begin-voting": internalCommand(Schema.Struct({ proposal: AggregateId }), "The revision is put to the vote."),
  "record-decision": internalCommand(
    Schema.Struct({
      outcome: VoteOutcome,
      tally: Schema.optionalKey(Tally),
      conditions: Schema.Array(VoterCondition),
      /** Of an approval. */
      counted: Schema.optionalKey(Counted),
      /** Whether blocking findings are a veto by the rules of the vote; true by default. */
      blockingVetoes: Schema.optionalKey(Schema.Boolean),
      /** Why it was not approved, in words. */
      detail: Schema.optionalKey(Schema.String),
    }),
    "How the vote ended; anything but an approval of this very revision rejects the deployment.",
  ),
  amend: internalCommand(
    Schema.Struct(amendment),
    "The changes that the vote depends on were made, or its inputs were pinned: this revision is voted on.",
  ),
  "record-generated": internalCommand(Schema.Struct(generated), "The flake was rendered and stored."),
  "begin-deploying": internalCommand(
    Schema.Struct({ task: AggregateId }),
    "A deployer is asked, unless what is frozen, or the policy, keeps the activation from beginning.",
  ),
  "record-step": internalCommand(HostStep, "How far a host is; what is known already changes nothing."),
  "finish-deploying": internalCommand(
    Schema.Struct({ task: AggregateId }),
    "The deployer is done; `task` is the monitor's. Fails the deployment where a host is not confirmed.",
  ),
  "finish-monitoring": internalCommand(Schema.Struct({}), "The hosts stayed healthy."),
  fail: internalCommand(Schema.Struct(failure), "Something went wrong; hosts that were touched are rolled back."),
  "time-out": internalCommand(Schema.Struct({}), "The deployment has taken too long."),
  "finish-rollback": internalCommand(
    Schema.Struct({ attempt: Attempt, restored: Hosts }),
    "An attempt at rolling back is over; hosts that are not restored by now make it incomplete.",
  ),
};

const OldReview = Schema.Struct({
  reviewer: Principal,
  findings: Schema.Array(Schema.Record(Schema.String, Schema.Json)),
});
const isOldReview = Schema.is(OldReview);

/** Notes were called `info` once. */
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
      /** Those who have no vote on it, because they wrote it, and why. */
      excluded: Schema.optionalKey(Schema.Array(Excluded)),
      settings: Settings,
      ...execution,
      insisted: Schema.optionalKey(Schema.Struct(insistence)),
      data,
      acceptDataLoss: dataLossAccepted,
      /** What the inputs name that nobody has pinned: a deployer pins them before the review. */
      toPin: Schema.optionalKey(GraphPins),
      /** The inputs that stay unpinned, as it asks for. */
      unpinned: Schema.optionalKey(Schema.Array(Schema.String)),
      /** The hosts that it takes from other graphs, or that this graph had under another id. */
      takeOver: Schema.optionalKey(Schema.Array(ForeignHost)),
      pinnedVersion: Schema.Boolean,
      requestedBy: Principal,
    }),
    "A graph is to be deployed; `pinnedVersion` where the version was asked for, so that a newer one does not matter.",
  ),
  "discussion-started": event(
    Schema.Struct({ dialog: AggregateId, deadline: Instant }),
    "The reviewers have until the deadline to say what they find.",
  ),
  "review-recorded": event(
    Schema.Struct({
      reviewer: Principal,
      /** The `graphDigest` that was reviewed; absent in what was recorded before there were rounds. */
      revision: Schema.optionalKey(Schema.String),
      findings: Schema.Array(Finding),
      /** Fields of the remedies that look like secrets and are not, as the reviewer says. */
      allowSecretLike: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
      provenance,
    }),
    "A reviewer has said what it found in a revision.",
    { version: 2, upcasters: { 1: withNotes } },
  ),
  "discussion-ended": event(
    Schema.Struct({ reason: Schema.Literals(["all-reviewed", "deadline"]), silent: Schema.Array(Principal) }),
    "No more reviews; `silent` are the reviewers without one.",
  ),
  "voting-started": event(Schema.Struct({ proposal: AggregateId }), "The reviewers vote."),
  "deployment-approved": event(
    Schema.Struct({ tally: Schema.optionalKey(Tally), conditions: Schema.Array(VoterCondition) }),
    "The vote approved the deployment, on these conditions.",
  ),
  "deployment-rejected": event(
    Schema.Struct({
      outcome: VoteOutcome,
      tally: Schema.optionalKey(Tally),
      detail: Schema.optionalKey(Schema.String),
    }),
    "The vote did not approve the deployment.",
  ),
  "revision-amended": event(Schema.Struct(amendment), "This revision, with the changes, takes the place of the last."),
  "glass-broken": event(GlassBroken, "Somebody deploys this revision past what is in its way; the review is open."),
  "glass-review-closed": event(GlassReviewClosed, "Somebody else has looked into why the glass was broken."),
  "flake-generated": event(Schema.Struct(generated), "The flake is stored under its digest."),
  "activation-awaited": event(Waiting, "It is approved, and does not begin yet."),
  "deploying-started": event(
    Schema.Struct({
      task: AggregateId,
      /** How the hosts are reached that a deployment has reached before: until they are confirmed, they may be so still. */
      reached: Schema.optionalKey(Schema.Array(ReachedHost)),
    }),
    "A deployer was asked.",
  ),
  "host-step-recorded": event(HostStep, "How far a host is."),
  "monitoring-started": event(
    Schema.Struct({ task: AggregateId, seconds: Seconds }),
    "Every host runs its new closure; health and drift are watched.",
  ),
  "deployment-succeeded": event(Schema.Struct({}), "Every host was confirmed and stayed healthy."),
  "rollback-started": event(
    Schema.Struct({
      ...failure,
      acceptDataLoss: dataLossAccepted,
      /** The principal that asked for it; absent if it is the answer to a failure. */
      by: Schema.optionalKey(Principal),
      phase: Phase,
      attempt: Attempt,
      task: AggregateId,
      hosts: Hosts,
    }),
    "Every host that was touched goes back to the closure it ran before, the one touched last first.",
  ),
  "deployment-rolled-back": event(Schema.Struct({ hosts: Hosts }), "These hosts run exactly what they ran before."),
  "rollback-incomplete": event(Schema.Struct({ hosts: Hosts }), "These hosts could not be put back."),
  "deployment-failed": event(Schema.Struct({ phase: Phase, ...failure }), "It went wrong, and no host was touched."),
  "deployment-cancelled": event(Schema.Struct({ by: Principal, reason }), "Called off, and no host was touched."),
};
