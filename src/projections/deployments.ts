import { Schema } from "effect";
import { Choice, VoterCondition } from "../domain/consensus/ballot.ts";
import { proposal } from "../domain/consensus/decider.ts";
import { Revision, Target, VoteOutcome } from "../domain/deployment/contract.ts";
import { deployment } from "../domain/deployment/decider.ts";
import { isOver } from "../domain/deployment/lifecycle.ts";
import { Finding } from "../domain/deployment/review.ts";
import { DeploymentStatus } from "../domain/deployment/state.ts";
import { HostStep, Step } from "../domain/deployment/steps.ts";
import type { Waves } from "../domain/deployment/waves.ts";
import { Closure } from "../domain/host/desired.ts";
import {
  Instant,
  isEventOf,
  millisecondsBetween,
  Name,
  Principal,
  type RecordedEvent,
  type RecordedEventOf,
} from "../domain/kernel/mod.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

const { graphVersion, graphDigest, flakeDigest } = Revision.fields;

const HostProgress = Schema.Struct({
  id: Name,
  /** From 1. */
  wave: Schema.Int,
  address: Schema.String,
  /** The last step that was reported. */
  status: Schema.Union([Step, Schema.Literal("pending")]),
  closure: Schema.optionalKey(Closure),
  previous: Schema.optionalKey(Closure),
  detail: Schema.optionalKey(Schema.String),
  /** The steps that were taken, in order, with what they took. */
  steps: Schema.optionalKey(
    Schema.Array(Schema.Struct({ step: Step, at: Instant, milliseconds: HostStep.fields.milliseconds })),
  ),
  /** The step that could not be taken. */
  failedAt: Schema.optionalKey(Step),
  /** What the programs of the last step printed last. */
  log: HostStep.fields.log,
});
type HostProgress = typeof HostProgress.Type;

const DeploymentDocument = Schema.Struct({
  ...documentFields,
  graph: Name,
  graphVersion,
  graphDigest,
  flakeDigest,
  target: Target,
  status: DeploymentStatus,
  /** When it came to this status. */
  statusSince: Instant,
  reason: Schema.optionalKey(Schema.String),
  /** What went wrong, in words. */
  detail: Schema.optionalKey(Schema.String),
  /** Milliseconds spent in each phase that is over. */
  phases: Schema.Record(Schema.String, Schema.Finite),
  reviewers: Schema.Array(Principal),
  findings: Schema.Array(Schema.Struct({ reviewer: Principal, ...Finding.fields })),
  ballots: Schema.Array(
    Schema.Struct({
      voter: Principal,
      choice: Choice,
      /** The texts of the conditions of an approval. */
      conditions: Schema.optionalKey(Schema.Array(Schema.String)),
    }),
  ),
  outcome: Schema.optionalKey(VoteOutcome),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  hosts: Schema.Array(HostProgress),
  requestedBy: Principal,
  requestedAt: Instant,
  updatedAt: Instant,
  endedAt: Schema.optionalKey(Instant),
});
export type DeploymentDocument = typeof DeploymentDocument.Type;

type Event = RecordedEventOf<typeof deployment.events>;

const pendingHosts = (waves: Waves): ReadonlyArray<HostProgress> =>
  waves.flatMap((wave, index) =>
    wave.map(({ host, address }) => ({ id: host, wave: index + 1, address, status: "pending" as const })),
  );

const requested = (event: Event & { type: "deployment-requested" }): DeploymentDocument => {
  const { graph, graphVersion, graphDigest, flakeDigest, target, reviewers, waves, requestedBy } = event.data;
  return {
    ...stampOf(event),
    ...{ graph, graphVersion, graphDigest, flakeDigest, target, reviewers, requestedBy },
    status: "requested",
    statusSince: event.time,
    phases: {},
    findings: [],
    ballots: [],
    hosts: pendingHosts(waves),
    requestedAt: event.time,
    updatedAt: event.time,
  };
};

const withoutEnd = ({ endedAt: _, ...document }: DeploymentDocument): DeploymentDocument => document;

/** The document in its next status. The time in the last one is added to its phase, unless that was an end. */
const enter = (document: DeploymentDocument, status: DeploymentStatus, at: string): DeploymentDocument => {
  const { status: last, statusSince, phases } = document;
  const spent = (phases[last] ?? 0) + millisecondsBetween(statusSince, at);
  return {
    ...withoutEnd(document),
    status,
    statusSince: at,
    phases: isOver(last) ? phases : { ...phases, [last]: spent },
    ...(isOver(status) ? { endedAt: at } : {}),
  };
};

const failureOf = ({ reason, detail }: { readonly reason: string; readonly detail?: string }) =>
  detail === undefined ? { reason } : { reason, detail };

const withoutLog = ({ log: _, ...host }: HostProgress): HostProgress => host;

/** A host one step further; the log is the last step's. */
const withStep = (host: HostProgress, { data, time }: Event & { type: "host-step-recorded" }): HostProgress => {
  const { host: _, step, milliseconds, ...told } = data;
  const taken = { step, at: time, ...(milliseconds === undefined ? {} : { milliseconds }) };
  return { ...withoutLog(host), ...told, status: step, steps: [...(host.steps ?? []), taken] };
};

/** Notes at the host at which it failed what could not be done there. */
const withFailedHost = (
  document: DeploymentDocument,
  { host, step, log }: { readonly host?: string; readonly step?: Step; readonly log?: ReadonlyArray<string> },
): DeploymentDocument => {
  const failed = { ...(step === undefined ? {} : { failedAt: step }), ...(log === undefined ? {} : { log }) };
  return { ...document, hosts: document.hosts.map((one) => (one.id === host ? { ...one, ...failed } : one)) };
};

const evolve = (before: DeploymentDocument | undefined, event: Event): DeploymentDocument | undefined => {
  if (event.type === "deployment-requested") return requested(event);
  if (before === undefined) return undefined;
  const document: DeploymentDocument = { ...before, ...stampOf(event), updatedAt: event.time };
  const entering = (status: DeploymentStatus) => enter(document, status, event.time);
  switch (event.type) {
    case "discussion-started":
      return entering("discussing");
    case "review-recorded": {
      const { reviewer, findings } = event.data;
      return { ...document, findings: [...document.findings, ...findings.map((one) => ({ reviewer, ...one }))] };
    }
    case "discussion-ended":
    case "flake-generated":
      return document;
    case "voting-started":
      return entering("voting");
    case "deployment-approved":
      return { ...entering("generating"), conditions: event.data.conditions };
    case "deployment-rejected":
      return { ...entering("rejected"), outcome: event.data.outcome, reason: event.data.outcome };
    case "revision-amended": {
      const { graphVersion, graphDigest, flakeDigest, waves } = event.data;
      return { ...document, graphVersion, graphDigest, flakeDigest, hosts: pendingHosts(waves) };
    }
    case "deploying-started":
      return entering("deploying");
    case "host-step-recorded": {
      const { host } = event.data;
      return { ...document, hosts: document.hosts.map((one) => (one.id === host ? withStep(one, event) : one)) };
    }
    case "monitoring-started":
      return entering("monitoring");
    case "deployment-succeeded":
      return entering("succeeded");
    case "rollback-started":
      return withFailedHost({ ...entering("rolling-back"), ...failureOf(event.data) }, event.data);
    case "deployment-rolled-back":
      return entering("rolled-back");
    case "rollback-incomplete":
      return entering("rollback-incomplete");
    case "deployment-failed":
      return withFailedHost({ ...entering("failed"), ...failureOf(event.data) }, event.data);
    case "deployment-cancelled":
      return { ...entering("cancelled"), reason: event.data.reason ?? "cancelled" };
  }
};

/** The newest ballot of each reviewer. */
const withBallot = (
  document: DeploymentDocument,
  event: RecordedEvent & RecordedEventOf<typeof proposal.events> & { type: "ballot-cast" },
): DeploymentDocument => {
  const { position, time: updatedAt, data } = event;
  const { voter, choice, conditions = [] } = data;
  const texts = conditions.length === 0 ? {} : { conditions: conditions.map(({ text }) => text) };
  const others = document.ballots.filter((ballot) => ballot.voter !== voter);
  return { ...document, position, updatedAt, ballots: [...others, { voter, choice, ...texts }] };
};

const ofDeployments = foldEvents(deployment, evolve);

/** What is being deployed, how far it is, who said what about it, and what each host runs because of it. */
export const deployments = defineView<DeploymentDocument>({
  name: "deployments",
  version: 2,
  document: DeploymentDocument,
  apply: (get, commit) => {
    const first = commit[0];
    if (first?.aggregate !== proposal.name) return ofDeployments(get, commit);
    // The deployment's proposal has the deployment's id; a ballot is the first event of its commit.
    const document = get(first.id);
    if (document?.status !== "voting" || !isEventOf(proposal, first) || first.type !== "ballot-cast") return [];
    return document.reviewers.includes(first.data.voter) ? [[first.id, withBallot(document, first)]] : [];
  },
});
