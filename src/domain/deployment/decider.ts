import { type Result, Schema } from "effect";
import { changesGraph } from "../consensus/ballot.ts";
import { secretIn } from "../graph/secret-check.ts";
import {
  accept,
  addSeconds,
  type CommandOf,
  canonicalJson,
  type DecisionContext,
  defineDecider,
  defined,
  type EventOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { mayActivate } from "./activation.ts";
import { breakGlass, closeReview } from "./break-glass.ts";
import { finishRollback, type Stop, stop } from "./compensation.ts";
import { DeploymentId, type DeploymentStatus, deploymentCommands, deploymentEvents, Phase } from "./contract.ts";
import { lossText, unaccepted, unforeseen } from "./data/fate.ts";
import { glassFor, sameDigests } from "./glass.ts";
import { allowedFrom } from "./lifecycle.ts";
import { foreignText, takenUnasked } from "./ownership.ts";
import { recordStep } from "./reports.ts";
import { type KnownToDeployments, request } from "./request.ts";
import { findingOf } from "./review.ts";
import { amendedAsRolledBack, machinesWith, rivalsUnderWay, rolledBackBefore, supersededBy } from "./rivals.ts";
import { type Deployment, DeploymentState, evolve } from "./state.ts";

type Command = CommandOf<typeof deploymentCommands>;
type Event = EventOf<typeof deploymentEvents>;
type Context = DecisionContext<KnownToDeployments>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;
type PayloadOf<T extends Command["type"]> = Extract<Command, { type: T }>["payload"];

const wrongState = (deployment: Deployment, command: string, allowed: ReadonlyArray<DeploymentStatus>) =>
  refuse(
    "wrong-state",
    `deployment \`${deployment.id}\` is ${deployment.status}; \`${command}\` needs ${allowed.join(" or ")}`,
    { status: deployment.status, allowed },
  );

const allReviewed: Event = { type: "discussion-ended", data: { reason: "all-reviewed", silent: [] } };

/**
 * Records a review. It must come from a reviewer and concern the current revision. The last review ends the discussion,
 * unless the policy requires its full time. A later review still counts while the vote is open, because silence is not
 * consent.
 */
const review = (
  { revision, findings, allowSecretLike, provenance }: PayloadOf<"review">,
  deployment: Deployment,
  { principal: reviewer, known }: Context,
): Decision => {
  const { id, status, reviewers, reviewed, graphDigest, discussionOver, settings } = deployment;
  if (!reviewers.includes(reviewer))
    return refuse("not-a-reviewer", `deployment \`${id}\`: \`${reviewer}\` was not asked for a review`);
  if (revision !== graphDigest)
    return refuse(
      "other-revision",
      `deployment \`${id}\` is about revision ${graphDigest} now, not ${revision}; review that one`,
      { graphDigest },
    );
  const secret = secretIn(
    findings.flatMap(({ changes = [] }) => changes),
    { allowed: allowSecretLike, before: () => known.graph ?? {} },
  );
  if (secret !== undefined) return refuse("invalid-config", `deployment \`${id}\`: ${secret}`);
  const recorded: Event = {
    type: "review-recorded",
    data: defined({ reviewer, revision, findings: findings.map(findingOf), allowSecretLike, provenance }),
  };
  const ends = status === "discussing" && !discussionOver && settings.wholeDiscussion !== true;
  return ends && reviewers.every((one) => one === reviewer || reviewed.includes(one))
    ? accept<Event>(recorded, allReviewed)
    : accept(recorded);
};

/** Begins the discussion. Reviews may already have arrived before it. */
const beginDiscussion = (
  { dialog }: PayloadOf<"begin-discussion">,
  { settings, reviewers, reviewed }: Deployment,
  time: string,
): Decision => {
  const deadline = addSeconds(time, settings.discussionSeconds);
  const started: Event = { type: "discussion-started", data: { dialog, deadline } };
  return settings.wholeDiscussion !== true && reviewers.every((one) => reviewed.includes(one))
    ? accept<Event>(started, allReviewed)
    : accept(started);
};

const endDiscussion = ({ reviewers, reviewed, discussionOver }: Deployment): Decision =>
  discussionOver
    ? accept()
    : accept({
        type: "discussion-ended",
        data: { reason: "deadline", silent: reviewers.filter((reviewer) => !reviewed.includes(reviewer)) },
      });

/**
 * Records the outcome of the vote. Anything but an approval rejects the deployment. An approval must be for this exact
 * revision, so that nothing is deployed that the counted ballots were not bound to. A review may have come after the
 * last ballot was counted. Its blocking findings still count, unless the glass was broken for this revision.
 */
const recordDecision = (
  { outcome, tally, conditions, counted, blockingVetoes = true, detail }: PayloadOf<"record-decision">,
  deployment: Deployment,
): Decision => {
  const { id, graphDigest, blocking, glass } = deployment;
  if (outcome !== "approved" && outcome !== "approved-with-conditions")
    return accept({ type: "deployment-rejected", data: { outcome, ...defined({ tally, detail }) } });
  if (counted === undefined || !sameDigests(counted, deployment))
    return refuse(
      "not-what-was-counted",
      `deployment \`${id}\` has revision ${graphDigest}, but the ballots were for ${counted?.graphDigest ?? "another one"}`,
    );
  if (conditions.some(changesGraph))
    return refuse(
      "conditions-not-voted-on",
      `deployment \`${id}\`: the approval depends on changes of the graph that nobody has voted on`,
    );
  const blocks = blockingVetoes && glassFor(glass, deployment) === undefined;
  const vetoes = blocks ? blocking.map(({ reviewer, rule, message }) => `${reviewer} found ${rule}: ${message}`) : [];
  return vetoes.length === 0
    ? accept({ type: "deployment-approved", data: { ...defined({ tally }), conditions } })
    : accept({
        type: "deployment-rejected",
        data: { outcome: "vetoed", ...defined({ tally }), detail: vetoes.join("; ") },
      });
};

/**
 * Replaces the revision with the one that conditions produced. The digest with the changes shows whether it was rolled
 * back before.
 */
const amend = (
  amendment: PayloadOf<"amend">,
  { id, graph, target, insisted }: Deployment,
  context: Context,
): Decision => {
  const { graphDigest } = amendment;
  const before = rolledBackBefore(context.known.others, { graph, graphDigest, target });
  return before === undefined || insisted
    ? accept({ type: "revision-amended", data: amendment })
    : refuse("rolled-back-before", amendedAsRolledBack(id, before.id), { deployment: before.id });
};

/** Records the flake, which must be the approved one. */
const recordGenerated = (generated: PayloadOf<"record-generated">, deployment: Deployment): Decision => {
  if (deployment.generated) return accept();
  return generated.flakeDigest === deployment.flakeDigest
    ? accept({ type: "flake-generated", data: generated })
    : refuse(
        "digest-mismatch",
        `deployment \`${deployment.id}\`: the flake is ${generated.flakeDigest}, but ${deployment.flakeDigest} was decided on`,
      );
};

/**
 * Starts the activation, waits until it may start, or fails because the approval has expired. A condition may have
 * added a host of another graph. Then no host is touched. The same applies if data would be lost without acceptance: a
 * broken glass bypasses findings, but it cannot restore data.
 */
const beginDeploying = (
  begun: PayloadOf<"begin-deploying">,
  deployment: Deployment,
  { time, known: { foreign = [], data = [], activation = { policy: {}, freezes: [] }, reached = [] } }: Context,
): Decision => {
  if (!deployment.generated) return refuse("not-generated", `deployment \`${deployment.id}\` has no flake yet`);
  const unasked = takenUnasked(deployment.graph, foreign, deployment.takeOver ?? []);
  if (unasked !== undefined)
    return accept(
      stop(deployment, "generating", { reason: "host-of-another-graph", detail: foreignText(unasked) }, true),
    );
  const losses = unforeseen(data, deployment);
  if (losses.length > 0)
    return accept(stop(deployment, "generating", { reason: "data-loss", detail: lossText(losses) }, true));
  const { approvedAt } = deployment;
  const go = mayActivate(activation, { approvedAt, glass: glassFor(deployment.glass, deployment), time });
  switch (go.is) {
    case "go":
      return accept({
        type: "deploying-started",
        data: { ...begun, ...defined({ reached: reached.length === 0 ? undefined : reached }) },
      });
    case "expired": {
      const detail = `the approval expired at ${go.at}, before the activation could begin`;
      return accept({ type: "deployment-failed", data: { phase: "waiting", reason: "approval-expired", detail } });
    }
    case "wait":
      return canonicalJson(deployment.waiting ?? null) === canonicalJson(go.waiting)
        ? accept()
        : accept({ type: "activation-awaited", data: go.waiting });
  }
};

const unconfirmedHosts = ({ planned, touched }: Deployment): ReadonlyArray<string> =>
  planned.filter((host) => !touched.some((one) => one.host === host && one.step === "confirmed"));

/** Ends deploying. The deployer must have confirmed every host. Otherwise it has failed, whatever it reports. */
const finishDeploying = (deployment: Deployment, task: string): Decision => {
  const unconfirmed = unconfirmedHosts(deployment);
  if (unconfirmed.length === 0)
    return accept({ type: "monitoring-started", data: { task, seconds: deployment.settings.monitorSeconds } });
  const why = { reason: "hosts-unconfirmed", detail: `not confirmed: ${unconfirmed.join(", ")}` };
  return accept(stop(deployment, "deploying", why, true));
};

/**
 * Starts a rollback. Only the system that runs now can be rolled back, and only while no other deployment works on the
 * hosts. After its success, a deployment has new data, so their loss must be accepted. Before that, a rollback is
 * always allowed.
 */
const rollBack = (deployment: Deployment, phase: Phase, why: Stop, { known }: Context): Decision => {
  const { id, graph, target, planned, requestedAt } = deployment;
  const machines = machinesWith(target, deployment.machines);
  const others = known.others.filter((other) => other.id !== id);
  const [rival] = rivalsUnderWay(others, { graph, hosts: planned, machines });
  if (rival !== undefined)
    return refuse(
      "deployment-in-progress",
      `deployment \`${rival.id}\` is ${rival.status} on the same hosts or graph`,
      {
        deployment: rival.id,
      },
    );
  const later = supersededBy(others, { hosts: planned, machines, requestedAt });
  if (later !== undefined)
    return refuse(
      "superseded",
      `deployment \`${id}\`: deployment \`${later.id}\` has changed its hosts since; roll that one back first`,
      { deployment: later.id },
    );
  const losses = deployment.status === "succeeded" ? unaccepted(known.data ?? [], why.acceptDataLoss) : [];
  return losses.length === 0
    ? accept(stop(deployment, phase, why, false))
    : refuse("data-loss", `deployment \`${id}\`: ${lossText(losses)}`, { data: losses.map((one) => ({ ...one })) });
};

/** The states in which a deployment can be stopped: all but the final ones and the rollback. */
const isPhase = Schema.is(Phase);
const withDetail = (reason: string, detail: string | undefined) =>
  detail === undefined ? { reason } : { reason, detail };

const decide = (command: Command, deployment: DeploymentState, context: Context): Decision => {
  const { aggregateId, principal, time } = context;
  if (command.type === "request")
    return deployment === null
      ? request(command.payload, context)
      : refuse("already-exists", `deployment \`${aggregateId}\` exists; request another one under a new id`);
  if (deployment === null) return refuse("not-found", `deployment \`${aggregateId}\` does not exist; request it first`);
  const allowed: ReadonlyArray<DeploymentStatus> = allowedFrom[command.type];
  const { status } = deployment;
  if (!allowed.includes(status)) return wrongState(deployment, command.type, allowed);
  switch (command.type) {
    case "begin-discussion":
      return beginDiscussion(command.payload, deployment, time);
    case "review":
      return review(command.payload, deployment, context);
    case "break-glass":
      return breakGlass(command.payload, deployment, context.known.breakGlass, context);
    case "close-review":
      return closeReview(command.payload.conclusion, deployment, context.known.closeReview, principal);
    case "end-discussion":
      return endDiscussion(deployment);
    case "begin-voting":
      return deployment.discussionOver
        ? accept({ type: "voting-started", data: command.payload })
        : refuse("discussion-open", `deployment \`${aggregateId}\` is still being discussed`);
    case "record-decision":
      return recordDecision(command.payload, deployment);
    case "amend":
      return amend(command.payload, deployment, context);
    case "record-generated":
      return recordGenerated(command.payload, deployment);
    case "begin-deploying":
      return beginDeploying(command.payload, deployment, context);
    case "record-step":
      return recordStep(command.payload, deployment);
    case "finish-deploying":
      return finishDeploying(deployment, command.payload.task);
    case "finish-monitoring":
      return accept({ type: "deployment-succeeded", data: {} });
    case "finish-rollback":
      return deployment.rollback === undefined || command.payload.attempt !== deployment.rollbackAttempts
        ? accept()
        : accept(...finishRollback(deployment, deployment.rollback, command.payload.restored));
  }
  if (!isPhase(status)) return wrongState(deployment, command.type, allowed);
  switch (command.type) {
    case "fail":
      return accept(stop(deployment, status, command.payload, true));
    case "time-out":
      return accept(stop(deployment, status, withDetail("timeout", undefined), false));
    case "cancel":
      return accept(
        stop(deployment, status, { ...withDetail("cancelled", command.payload.reason), by: principal }, false),
      );
    case "roll-back":
      return rollBack(
        deployment,
        status,
        {
          ...withDetail("rollback-requested", command.payload.reason),
          by: principal,
          ...defined({ acceptDataLoss: command.payload.acceptDataLoss }),
        },
        context,
      );
  }
};

/** A graph on its way from a request to the hosts that run it, and back if something fails. */
export const deployment = defineDecider<KnownToDeployments>()({
  name: "deployment",
  description: "A graph on its way from a request to the hosts that run it, and back if something fails.",
  id: DeploymentId,
  commands: deploymentCommands,
  events: deploymentEvents,
  relations: {
    reviewer: (deployment, { principal }) => deployment?.reviewers.includes(principal) ?? true,
  },
  state: DeploymentState,
  stateVersion: 2,
  initial: null,
  decide,
  evolve,
});
