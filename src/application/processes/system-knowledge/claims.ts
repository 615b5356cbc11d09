import { proposal } from "../../../domain/consensus/decider.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { freeze } from "../../../domain/freeze/decider.ts";
import type { host } from "../../../domain/host/decider.ts";
import type { HostState } from "../../../domain/host/state.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { FactObject } from "../../../domain/knowledge/fact.ts";

/** What is said, without who says it when. */
export interface Triple {
  readonly subject: string;
  readonly predicate: string;
  readonly object: FactObject;
}

/** What an event means for the installation's knowledge. */
export type Claim =
  | {
      /** A thing has one of this, and the newest word on it holds; or it has many, and each goes on to hold. */
      readonly is: "said";
      readonly triple: Triple;
    }
  | {
      /** All that holds of a part now: what was claimed of it before, and is not here, is not true any more. */
      readonly is: "whole";
      readonly part: string;
      readonly triples: ReadonlyArray<Triple>;
    };

/** Predicates that a thing has one of. */
export const singleValued = {
  status: "newest",
  health: "newest",
  topic: "newest",
  "runs-closure": "newest",
  "deployed-by": "newest",
  "belongs-to": "newest",
  address: "newest",
} as const;

/** Predicates of claims about a whole, which end. */
export const ending: ReadonlySet<string> = new Set(["runs-on", "drifts-in"]);

export const keyOf = ({ subject, predicate, object }: Triple): string => JSON.stringify([subject, predicate, object]);

const said = (subject: string, ...pairs: ReadonlyArray<readonly [string, Triple["object"]]>): ReadonlyArray<Claim> =>
  pairs.map(([predicate, object]) => ({ is: "said", triple: { subject, predicate, object } }));

/** As much of a text as a fact takes. */
const excerpt = (text: string): string => text.slice(0, 4096).toWellFormed();

/** What a deployment is after its events. */
const deploymentStatus: Readonly<Record<string, string>> = {
  "discussion-started": "discussing",
  "voting-started": "voting",
  "deployment-approved": "approved",
  "deployment-rejected": "rejected",
  "deploying-started": "deploying",
  "monitoring-started": "monitoring",
  "deployment-succeeded": "succeeded",
  "rollback-started": "rolling-back",
  "deployment-rolled-back": "rolled-back",
  "rollback-incomplete": "rollback-incomplete",
  "deployment-failed": "failed",
  "deployment-cancelled": "cancelled",
};

const ofDeployment = (event: RecordedEventOf<typeof deployment.events>): ReadonlyArray<Claim> => {
  if (event.type === "deployment-requested")
    return said(
      event.id,
      ["deploys", event.data.graph],
      ["requested-by", event.data.requestedBy],
      ["status", "requested"],
    );
  if (event.type === "glass-broken") return said(event.id, ["glass-broken-by", event.data.by]);
  if (event.type === "glass-review-closed") return said(event.id, ["glass-reviewed-by", event.data.by]);
  const status = deploymentStatus[event.type];
  return status === undefined ? [] : said(event.id, ["status", status]);
};

/** What runs on a host, as it should: from deployments. */
const placement = (id: string, { desired }: HostState): Claim => ({
  is: "whole",
  part: `placement of ${id}`,
  triples: (desired?.placement?.nodes ?? []).map(({ node }) => ({ subject: node, predicate: "runs-on", object: id })),
});

const drifting = (id: string, drift: number, ...what: ReadonlyArray<string>): Claim => ({
  is: "whole",
  part: `drift ${drift} of ${id}`,
  triples: what.map((object) => ({ subject: id, predicate: "drifts-in", object })),
});

/** The facts that follow from a host's event; `after` is the host with it. */
export const claimsOfHost = (event: RecordedEventOf<typeof host.events>, after: HostState): ReadonlyArray<Claim> => {
  const { id } = event;
  switch (event.type) {
    case "host-enrolled":
      return said(id, ["belongs-to", event.data.graph], ["address", event.data.address]);
    case "host-deployed": {
      const { closure, deployment: by } = event.data;
      return [...said(id, ["runs-closure", closure], ["deployed-by", by]), placement(id, after)];
    }
    case "host-reverted":
      return [...said(id, ["runs-closure", event.data.closure]), placement(id, after)];
    case "host-unrestored":
    case "host-released":
      return [placement(id, after)];
    case "host-state-reported":
      return said(id, ["health", event.data.health]);
    case "host-drift-detected": {
      const { drift, kind, unit } = event.data;
      return [drifting(id, drift, unit === undefined ? kind : `${kind} ${unit}`)];
    }
    case "host-drift-resolved":
      return [drifting(id, event.data.drift)];
    default:
      return [];
  }
};

/** `proposal-approved` is the status `approved`; what has another name leaves the status as it is. */
const proposalStatus = (type: string): string | undefined =>
  type === "voting-opened" ? "active" : /^proposal-(?<status>.+)$/u.exec(type)?.groups?.status;

const ofProposal = (event: RecordedEventOf<typeof proposal.events>): ReadonlyArray<Claim> => {
  if (event.type === "proposal-submitted")
    return said(
      event.id,
      ["decides-on", excerpt(event.data.title)],
      ["proposed-by", event.data.proposer],
      ["status", "pending"],
    );
  const status = proposalStatus(event.type);
  return status === undefined ? [] : said(event.id, ["status", status]);
};

const ofDialog = (event: RecordedEventOf<typeof dialog.events>): ReadonlyArray<Claim> => {
  switch (event.type) {
    case "dialog-opened": {
      const { topic, participants } = event.data;
      const about: ReadonlyArray<readonly [string, string]> = topic === "" ? [] : [["topic", excerpt(topic)]];
      const taking = participants.map((participant) => ["has-participant", participant] as const);
      return said(event.id, ...about, ...taking, ["status", "open"]);
    }
    case "dialog-closed":
      return said(event.id, ["status", "closed"]);
    default:
      return [];
  }
};

const freezeStatus: Readonly<Record<string, string>> = { frozen: "open", unfrozen: "lifted" };

/** A freeze has a name of its own, because a host and what is frozen of it are two things. */
const ofFreeze = ({ id, type }: RecordedEventOf<typeof freeze.events>): ReadonlyArray<Claim> => {
  const status = freezeStatus[type];
  return status === undefined ? [] : said(`freeze-${id}`, ["status", status]);
};

/** The facts that follow from an event of anything but a host. */
export const claimsOf = (event: RecordedEvent): ReadonlyArray<Claim> => {
  if (isEventOf(deployment, event)) return ofDeployment(event);
  if (isEventOf(proposal, event)) return ofProposal(event);
  if (isEventOf(freeze, event)) return ofFreeze(event);
  return isEventOf(dialog, event) ? ofDialog(event) : [];
};
