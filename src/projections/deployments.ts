import { Struct } from "effect";
import type { DeploymentDocument, HostProgress } from "../contract/views/deployments.ts";
import { proposal } from "../domain/consensus/decider.ts";
import type { DeploymentStatus } from "../domain/deployment/contract.ts";
import { deployment } from "../domain/deployment/decider.ts";
import { isOver } from "../domain/deployment/lifecycle.ts";
import { notedReview } from "../domain/deployment/review.ts";
import type { Step } from "../domain/deployment/steps.ts";
import type { Waves } from "../domain/deployment/waves.ts";
import {
  type DataOf,
  defined,
  isEventOf,
  millisecondsBetween,
  ownerOf,
  type RecordedEvent,
  type RecordedEventOf,
} from "../domain/kernel/mod.ts";
import { task } from "../domain/task/decider.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

type Event = RecordedEventOf<typeof deployment.events>;

const pendingHosts = (waves: Waves): ReadonlyArray<HostProgress> =>
  waves.flatMap((wave, index) =>
    wave.map(({ host, address, ssh }) => ({
      id: host,
      wave: index + 1,
      address,
      ...defined({ ssh }),
      status: "pending" as const,
    })),
  );

const requested = (event: Event & { type: "deployment-requested" }): DeploymentDocument => {
  const { graph, graphVersion, graphDigest, flakeDigest, target, reviewers, waves, requestedBy, excluded, takeOver } =
    event.data;
  const { data, acceptDataLoss, acceptRemovals, reboot, unpinned } = event.data;
  return {
    ...stampOf(event),
    graph,
    graphVersion,
    graphDigest,
    flakeDigest,
    target,
    reviewers,
    requestedBy,
    ...defined({ excluded, takeOver, data, acceptDataLoss, acceptRemovals, reboot, unpinned }),
    status: "requested",
    statusSince: event.time,
    phases: {},
    findings: [],
    reviewed: [],
    blocking: [],
    rounds: [],
    ballots: [],
    hosts: pendingHosts(waves),
    requestedAt: event.time,
    updatedAt: event.time,
  };
};

/**
 * Returns the document in its next status. The time since the last status counts for its phase, unless that status was
 * an end.
 */
const enter = (document: DeploymentDocument, status: DeploymentStatus, at: string): DeploymentDocument => {
  const { status: last, statusSince, phases } = document;
  const spent = (phases[last] ?? 0) + millisecondsBetween(statusSince, at);
  return {
    ...Struct.omit(document, ["endedAt", "waiting"]),
    ...defined({ status, statusSince: at, endedAt: isOver(status) ? at : undefined }),
    phases: isOver(last) ? phases : { ...phases, [last]: spent },
  };
};

const failureOf = ({ reason, detail }: { readonly reason: string; readonly detail?: string }) =>
  defined({ reason, detail });

/** Returns a host after a step. The log is that of the last step. */
const withStep = (host: HostProgress, { data, time }: Event & { type: "host-step-recorded" }): HostProgress => {
  const { host: _, step, milliseconds, ...reported } = data;
  const taken = defined({ step, at: time, milliseconds });
  return { ...Struct.omit(host, ["log"]), ...reported, status: step, steps: [...(host.steps ?? []), taken] };
};

/** Returns the document with the failed step noted at its host. */
const withFailedHost = (
  document: DeploymentDocument,
  { host, step, log }: { readonly host?: string; readonly step?: Step; readonly log?: ReadonlyArray<string> },
): DeploymentDocument => {
  const failed = defined({ failedAt: step, log });
  return { ...document, hosts: document.hosts.map((one) => (one.id === host ? { ...one, ...failed } : one)) };
};

/**
 * Returns the document with a review of its revision. A finding that an earlier revision had too is not listed again.
 */
const withReview = (
  document: DeploymentDocument,
  { reviewer, findings, provenance }: DataOf<typeof deployment.events, "review-recorded">,
): DeploymentDocument => {
  const { round = 1, reviewed, blocking } = document;
  const known = new Set(document.findings.map((finding) => keyOf(finding)));
  const found = findings.map((finding) => ({ reviewer, ...finding, ...defined({ round, provenance }) }));
  const standing = notedReview(reviewer, findings).blocking.map((one) => ({ reviewer, ...one }));
  return {
    ...document,
    findings: [...document.findings, ...found.filter((finding) => !known.has(keyOf(finding)))],
    reviewed: [...reviewed.filter((one) => one !== reviewer), reviewer],
    blocking: [...blocking.filter((one) => one.reviewer !== reviewer), ...standing],
  };
};

const keyOf = ({ reviewer, rule, severity, message }: DeploymentDocument["findings"][number]): string =>
  [reviewer, rule, severity, message].join("\n");

/** Returns the document with the revision that a round's conditions or pins produced. */
const withRevision = (
  document: DeploymentDocument,
  amendment: DataOf<typeof deployment.events, "revision-amended">,
): DeploymentDocument => {
  const { graphVersion, graphDigest, flakeDigest, waves, round, commits = [], data, pins } = amendment;
  const amended = { graphVersion, graphDigest, commits };
  return {
    ...Struct.omit(document, ["data"]),
    ...defined({ data, pins: pins ?? document.pins }),
    graphVersion,
    graphDigest,
    flakeDigest,
    hosts: pendingHosts(waves),
    reviewed: [],
    blocking: [],
    rounds: document.rounds.map((one) => (one.round === round ? { ...one, amended } : one)),
  };
};

/** Returns the document with its next task, which is not assigned yet. */
const withTask = (document: DeploymentDocument, { task }: { readonly task: string }): DeploymentDocument => ({
  ...Struct.omit(document, ["agent"]),
  task,
});

const evolve = (before: DeploymentDocument | undefined, event: Event): DeploymentDocument | undefined => {
  if (event.type === "deployment-requested") return requested(event);
  if (before === undefined) return undefined;
  const document: DeploymentDocument = { ...before, ...stampOf(event), updatedAt: event.time };
  const entering = (status: DeploymentStatus) => enter(document, status, event.time);
  switch (event.type) {
    case "discussion-started":
      return { ...entering("discussing"), discussionEnds: event.data.deadline };
    case "review-recorded":
      return withReview(document, event.data);
    case "glass-broken":
      return { ...document, glass: { ...event.data, at: event.time } };
    case "glass-review-closed":
      return document.glass === undefined
        ? document
        : { ...document, glass: { ...document.glass, closed: { ...event.data, at: event.time } } };
    case "discussion-ended":
    case "flake-generated":
      return document;
    case "voting-started":
      return { ...entering("voting"), round: 1 };
    case "deployment-approved":
      return { ...entering("generating"), conditions: event.data.conditions };
    case "deployment-rejected":
      return {
        ...entering("rejected"),
        outcome: event.data.outcome,
        ...failureOf({ ...event.data, reason: event.data.outcome }),
      };
    case "revision-amended":
      return withRevision(document, event.data);
    case "activation-awaited":
      return { ...entering("waiting"), waiting: event.data };
    case "deploying-started":
      return withTask(entering("deploying"), event.data);
    case "host-step-recorded": {
      const { host } = event.data;
      return { ...document, hosts: document.hosts.map((one) => (one.id === host ? withStep(one, event) : one)) };
    }
    case "monitoring-started":
      return withTask(entering("monitoring"), event.data);
    case "deployment-succeeded":
      return entering("succeeded");
    case "rollback-started":
      return withFailedHost(
        withTask({ ...entering("rolling-back"), ...failureOf(event.data) }, event.data),
        event.data,
      );
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

type VoteEvent = RecordedEvent & RecordedEventOf<typeof proposal.events>;

/**
 * Returns the document after an event of its vote: the newest ballots of reviewers in this round, and the earlier
 * rounds.
 */
const afterVote = (document: DeploymentDocument, event: VoteEvent): DeploymentDocument => {
  switch (event.type) {
    case "ballot-cast": {
      const { voter, choice, conditions = [] } = event.data;
      if (!document.reviewers.includes(voter)) return document;
      const texts = conditions.length === 0 ? undefined : conditions.map(({ text }) => text);
      const others = document.ballots.filter((ballot) => ballot.voter !== voter);
      return { ...document, ballots: [...others, defined({ voter, choice, conditions: texts })] };
    }
    case "round-ended": {
      const { round, conditions } = event.data;
      const { graphVersion, graphDigest, ballots, rounds } = document;
      return { ...document, rounds: [...rounds, { round, graphVersion, graphDigest, ballots, conditions }] };
    }
    case "round-opened": {
      const { round, carried, excluded: gone } = event.data;
      const ballots = document.ballots.filter(({ voter }) => carried.includes(voter));
      const excluded = [...(document.excluded ?? []), ...gone];
      return { ...document, round, ballots, ...(excluded.length === 0 ? {} : { excluded }) };
    }
    default:
      return document;
  }
};

const ofDeployments = foldEvents(deployment, evolve);

type Get = (id: string) => DeploymentDocument | undefined;
type Changes = ReadonlyArray<readonly [id: string, document: DeploymentDocument | undefined]>;

/** Applies the events of the deployment's proposal, which has the same id. */
const ofProposal = (get: Get, first: RecordedEvent, commit: ReadonlyArray<RecordedEvent>): Changes => {
  const before = get(first.id);
  if (before?.status !== "voting") return [];
  const document = commit.reduce((one, event) => (isEventOf(proposal, event) ? afterVote(one, event) : one), before);
  const { position, time: updatedAt } = first;
  return document === before ? [] : [[first.id, { ...document, position, updatedAt }]];
};

const ofTask = (get: Get, first: RecordedEvent): Changes => {
  if (!isEventOf(task, first) || first.type !== "task-assigned") return [];
  const id = ownerOf(first.id);
  const document = id === undefined ? undefined : get(id);
  if (id === undefined || document?.task !== first.id) return [];
  const { position, time: updatedAt, data } = first;
  return [[id, { ...document, position, updatedAt, agent: data.agent }]];
};

export const deployments = defineView({
  name: "deployments",
  version: 5,
  keyOf: oneForEach(deployment),
  apply: (get, commit) => {
    const first = commit[0];
    if (first?.aggregate === proposal.name) return ofProposal(get, first, commit);
    return first?.aggregate === task.name ? ofTask(get, first) : ofDeployments(get, commit);
  },
});
