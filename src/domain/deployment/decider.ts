import { type Result, Schema } from "effect";
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
import { finishRollback, type Stop, stop } from "./compensation.ts";
import { DeploymentId, type DeploymentStatus, deploymentCommands, deploymentEvents, Phase } from "./contract.ts";
import { allowedFrom } from "./lifecycle.ts";
import { recordStep } from "./reports.ts";
import { foreignText, type KnownToDeployments, request } from "./request.ts";
import { rivalsUnderWay, supersededBy } from "./rivals.ts";
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

/** Reviews come from reviewers, once each; the last one ends the discussion, unless the policy wants all of its time. */
const recordReview = (review: PayloadOf<"record-review">, deployment: Deployment): Decision => {
  const { reviewers, reviewed, settings } = deployment;
  const { reviewer } = review;
  if (!reviewers.includes(reviewer))
    return refuse("not-a-reviewer", `deployment \`${deployment.id}\`: \`${reviewer}\` was not asked for a review`);
  if (deployment.discussionOver)
    return refuse("discussion-over", `deployment \`${deployment.id}\`: the time for reviews is over`);
  if (reviewed.includes(reviewer))
    return refuse("already-reviewed", `deployment \`${deployment.id}\`: \`${reviewer}\` has reviewed it`);
  const recorded: Event = { type: "review-recorded", data: review };
  const isLast = reviewers.every((one) => one === reviewer || reviewed.includes(one));
  return isLast && settings.wholeDiscussion !== true
    ? accept<Event>(recorded, { type: "discussion-ended", data: { reason: "all-reviewed", silent: [] } })
    : accept(recorded);
};

const endDiscussion = ({ reviewers, reviewed, discussionOver }: Deployment): Decision =>
  discussionOver
    ? accept()
    : accept({
        type: "discussion-ended",
        data: { reason: "deadline", silent: reviewers.filter((reviewer) => !reviewed.includes(reviewer)) },
      });

/** Anything but an approval rejects the deployment. */
const recordDecision = ({ outcome, tally, conditions }: PayloadOf<"record-decision">): Decision => {
  const counted = defined({ tally });
  return outcome === "approved" || outcome === "approved-with-conditions"
    ? accept({ type: "deployment-approved", data: { ...counted, conditions } })
    : accept({ type: "deployment-rejected", data: { outcome, ...counted } });
};

/** Only the flake that was decided on is deployed. */
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
 * A deployment begins on its hosts at once, waits until it may, or has waited so long that its approval is void. A
 * condition may have brought a host into the graph that another graph has. Then no host is touched.
 */
const beginDeploying = (
  begun: PayloadOf<"begin-deploying">,
  deployment: Deployment,
  { time, known: { foreign: [foreign] = [], activation = { policy: {}, freezes: [] } } }: Context,
): Decision => {
  if (!deployment.generated) return refuse("not-generated", `deployment \`${deployment.id}\` has no flake yet`);
  if (foreign !== undefined)
    return accept(
      stop(deployment, "generating", { reason: "host-of-another-graph", detail: foreignText(foreign) }, true),
    );
  const go = mayActivate(activation, deployment.approvedAt, time);
  switch (go.is) {
    case "go":
      return accept({ type: "deploying-started", data: begun });
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

/** A deployer that is done has confirmed every host; otherwise it has failed, whatever it says. */
const finishDeploying = (deployment: Deployment, task: string): Decision => {
  const unconfirmed = unconfirmedHosts(deployment);
  if (unconfirmed.length === 0)
    return accept({ type: "monitoring-started", data: { task, seconds: deployment.settings.monitorSeconds } });
  const why = { reason: "hosts-unconfirmed", detail: `not confirmed: ${unconfirmed.join(", ")}` };
  return accept(stop(deployment, "deploying", why, true));
};

/** Only what runs on the hosts now can be put back, and only while nobody else is at work there. */
const rollBack = (deployment: Deployment, phase: Phase, why: Stop, { known }: Context): Decision => {
  const { id, graph, planned, requestedAt } = deployment;
  const others = known.others.filter((other) => other.id !== id);
  const [rival] = rivalsUnderWay(others, { graph, hosts: planned });
  if (rival !== undefined)
    return refuse(
      "deployment-in-progress",
      `deployment \`${rival.id}\` is ${rival.status} on the same hosts or graph`,
      {
        deployment: rival.id,
      },
    );
  const later = supersededBy(others, { hosts: planned, requestedAt });
  if (later !== undefined)
    return refuse(
      "superseded",
      `deployment \`${id}\`: deployment \`${later.id}\` has changed its hosts since; roll that one back first`,
      { deployment: later.id },
    );
  return accept(stop(deployment, phase, why, false));
};

/** Where a deployment can be stopped: everywhere but in its end states and on the way back. */
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
    case "begin-discussion": {
      const deadline = addSeconds(time, deployment.settings.discussionSeconds);
      return accept({ type: "discussion-started", data: { ...command.payload, deadline } });
    }
    case "record-review":
      return recordReview(command.payload, deployment);
    case "end-discussion":
      return endDiscussion(deployment);
    case "begin-voting":
      return deployment.discussionOver
        ? accept({ type: "voting-started", data: command.payload })
        : refuse("discussion-open", `deployment \`${aggregateId}\` is still being discussed`);
    case "record-decision":
      return recordDecision(command.payload);
    case "amend":
      return deployment.generated
        ? refuse("already-generated", `deployment \`${aggregateId}\` has its flake; it cannot be amended any more`)
        : accept({ type: "revision-amended", data: command.payload });
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
        { ...withDetail("rollback-requested", command.payload.reason), by: principal },
        context,
      );
  }
};

/** A graph on its way from a request to hosts that run it, and back where something goes wrong. */
export const deployment = defineDecider<KnownToDeployments>()({
  name: "deployment",
  description: "A graph on its way from a request to hosts that run it, and back where something goes wrong.",
  id: DeploymentId,
  commands: deploymentCommands,
  events: deploymentEvents,
  relations: {},
  state: DeploymentState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
