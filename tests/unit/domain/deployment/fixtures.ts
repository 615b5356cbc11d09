import type { KnownPolicy } from "../../../../src/domain/consensus/contract.ts";
import { shippedPolicies } from "../../../../src/domain/consensus/policy-document.ts";
import { deployment } from "../../../../src/domain/deployment/decider.ts";
import type { KnownToDeployments } from "../../../../src/domain/deployment/request.ts";
import type { OtherDeployment } from "../../../../src/domain/deployment/rivals.ts";
import type { Step } from "../../../../src/domain/deployment/steps.ts";
import type { CommandOf, EventOf } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

export type Command = CommandOf<typeof deployment.commands>;
export type Event = EventOf<typeof deployment.events>;
type PayloadOf<T extends Command["type"]> = Extract<Command, { type: T }>["payload"];
type DataOf<T extends Event["type"]> = Extract<Event, { type: T }>["data"];

const plan = (host: string) => ({ host, address: "10.0.0.1", system: "x86_64-linux" as const, checks: [] });

export const revision = {
  graphVersion: 7,
  graphDigest: "sha256-graph",
  flakeDigest: "sha256-flake",
  waves: [[plan("back")], [plan("front")]],
};
export const settings = { discussionSeconds: 30, votingSeconds: 60, monitorSeconds: 30, timeoutSeconds: 300 };

export const policy: KnownPolicy = {
  id: "deployment",
  version: 0,
  digest: "sha256-policy",
  document: shippedPolicies.deployment,
};

export const known: KnownToDeployments = {
  policy,
  candidate: { is: "revision", revision },
  reviewers: ["ann", "bob"],
  others: [],
};

export const { given, stateAfter } = specification(deployment, { aggregateId: "d1", principal: "ada", known });

export const other = (fields: Partial<OtherDeployment>): OtherDeployment => ({
  id: "d0",
  graph: "shop",
  graphDigest: "sha256-graph",
  target: "simulated",
  status: "succeeded",
  hosts: ["back"],
  requestedAt: "2025-12-31T00:00:00.000Z",
  ...fields,
});

export const request = (fields: Partial<PayloadOf<"request">> = {}): Command => ({
  type: "request",
  payload: { graph: "shop", target: "simulated", protocol: "simple-majority", insist: false, ...settings, ...fields },
});

export const requested: Event = {
  type: "deployment-requested",
  data: {
    graph: "shop",
    ...revision,
    target: "simulated",
    protocol: "simple-majority",
    reviewers: ["ann", "bob"],
    settings,
    pinnedVersion: false,
    requestedBy: "ada",
  },
};

export const reviewed = (reviewer: string): Event => ({
  type: "review-recorded",
  data: { reviewer, revision: revision.graphDigest, findings: [] },
});
/** What a round of the vote made of the revision. */
export const amendment = {
  ...revision,
  graphVersion: 8,
  graphDigest: "sha256-amended",
  flakeDigest: "sha256-amended-flake",
  changes: [],
  round: 1,
};
export const step = (host: string, name: Step): Extract<Event, { type: "host-step-recorded" }> => ({
  type: "host-step-recorded",
  data: {
    host,
    step: name,
    ...(name === "recorded" ? { previous: `/old/${host}` } : {}),
    ...(name === "built" ? { closure: `/new/${host}` } : {}),
  },
});
export const report = (host: string, name: Step): Command => ({
  type: "record-step",
  payload: step(host, name).data,
});

const confirmed = (host: string): ReadonlyArray<Event> =>
  (["recorded", "built", "copied", "activated", "healthy", "confirmed"] as const).map((name) => step(host, name));

export const rollbackStarted = (data: Partial<DataOf<"rollback-started">> = {}): Event => ({
  type: "rollback-started",
  data: {
    reason: "check-failed",
    phase: "deploying",
    attempt: 1,
    task: "d1=rollback-1",
    hosts: ["back"],
    ...data,
  },
});

/** Histories that lead to each state, each longer than the one before. */
const discussing: ReadonlyArray<Event> = [
  requested,
  { type: "discussion-started", data: { dialog: "d1", deadline: "2026-01-01T00:00:30.000Z" } },
];
const discussed: ReadonlyArray<Event> = [
  ...discussing,
  { type: "discussion-ended", data: { reason: "deadline", silent: ["ann", "bob"] } },
];
const voting: ReadonlyArray<Event> = [...discussed, { type: "voting-started", data: { proposal: "d1" } }];
const amended: ReadonlyArray<Event> = [...voting, { type: "revision-amended", data: amendment }];
const approved: ReadonlyArray<Event> = [...voting, { type: "deployment-approved", data: { conditions: [] } }];
const generated: ReadonlyArray<Event> = [
  ...approved,
  { type: "flake-generated", data: { flakeDigest: "sha256-flake", files: 3, bytes: 100 } },
];
const deploying: ReadonlyArray<Event> = [...generated, { type: "deploying-started", data: { task: "d1=deploy" } }];
const touched: ReadonlyArray<Event> = [...deploying, step("back", "recorded")];
const allConfirmed: ReadonlyArray<Event> = [...deploying, ...confirmed("back"), ...confirmed("front")];
const monitoring: ReadonlyArray<Event> = [
  ...allConfirmed,
  { type: "monitoring-started", data: { task: "d1=monitor", seconds: 30 } },
];
const succeeded: ReadonlyArray<Event> = [...monitoring, { type: "deployment-succeeded", data: {} }];
const rollingBack: ReadonlyArray<Event> = [...touched, rollbackStarted()];
const incomplete: ReadonlyArray<Event> = [
  ...rollingBack,
  step("back", "unreachable"),
  { type: "rollback-incomplete", data: { hosts: ["back"] } },
];

export const history = {
  requested: [requested] as ReadonlyArray<Event>,
  discussing,
  discussed,
  voting,
  amended,
  approved,
  generated,
  waiting: [
    ...generated,
    {
      type: "activation-awaited",
      data: { for: [{ is: "freeze", freeze: "everything", reason: "an incident", by: "olga" }] },
    },
  ] as ReadonlyArray<Event>,
  deploying,
  touched,
  allConfirmed,
  monitoring,
  succeeded,
  rollingBack,
  incomplete,
  rejected: [...voting, { type: "deployment-rejected", data: { outcome: "rejected" } }] as ReadonlyArray<Event>,
  failed: [
    requested,
    { type: "deployment-failed", data: { phase: "requested", reason: "timeout" } },
  ] as ReadonlyArray<Event>,
  cancelled: [requested, { type: "deployment-cancelled", data: { by: "ada" } }] as ReadonlyArray<Event>,
  rolledBack: [
    ...rollingBack,
    step("back", "reverted"),
    { type: "deployment-rolled-back", data: { hosts: ["back"] } },
  ] as ReadonlyArray<Event>,
};
