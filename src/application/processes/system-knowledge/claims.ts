import { proposal } from "../../../domain/consensus/decider.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { freeze } from "../../../domain/freeze/decider.ts";
import type { host } from "../../../domain/host/decider.ts";
import type { HostState } from "../../../domain/host/state.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { FactObject } from "../../../domain/knowledge/fact.ts";

/** A statement, without its author and time. */
export interface Triple {
  readonly subject: string;
  readonly predicate: string;
  readonly object: FactObject;
}

/** The meaning of an event for the knowledge about the installation. */
export type Claim =
  | {
      /** A single statement. For a single-valued predicate, the newest object holds; otherwise all of them do. */
      readonly is: "said";
      readonly triple: Triple;
    }
  | {
      /**
       * All statements about a part that hold now. Earlier statements about it that are missing here no longer hold.
       */
      readonly is: "whole";
      readonly part: string;
      readonly triples: ReadonlyArray<Triple>;
    };

/** Predicates with one object for each subject. */
export const singleValued = {
  status: "newest",
  health: "newest",
  topic: "newest",
  "runs-closure": "newest",
  "deployed-by": "newest",
  "belongs-to": "newest",
  address: "newest",
} as const;

/** Predicates of statements about a whole, which can end. */
export const ending: ReadonlySet<string> = new Set(["runs-on", "drifts-in"]);

export const keyOf = ({ subject, predicate, object }: Triple): string => JSON.stringify([subject, predicate, object]);

const said = (subject: string, ...pairs: ReadonlyArray<readonly [string, Triple["object"]]>): ReadonlyArray<Claim> =>
  pairs.map(([predicate, object]) => ({ is: "said", triple: { subject, predicate, object } }));

/** Returns as much of a text as a fact can hold. */
const excerpt = (text: string): string => text.slice(0, 4096).toWellFormed();

/** The status of a deployment after each event. */
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

/** Returns what should run on a host according to its deployments. */
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

/** Returns the facts that follow from a host's event. `after` is the host after it. */
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

/**
 * Returns the status of a proposal after an event: `approved` for `proposal-approved`. Undefined if the event leaves
 * the status.
 */
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

/** A freeze has its own name, because a host and its freeze are two things. */
const ofFreeze = ({ id, type }: RecordedEventOf<typeof freeze.events>): ReadonlyArray<Claim> => {
  const status = freezeStatus[type];
  return status === undefined ? [] : said(`freeze-${id}`, ["status", status]);
};

/** Returns the facts that follow from an event of any aggregate but a host. */
export const claimsOf = (event: RecordedEvent): ReadonlyArray<Claim> => {
  if (isEventOf(deployment, event)) return ofDeployment(event);
  if (isEventOf(proposal, event)) return ofProposal(event);
  if (isEventOf(freeze, event)) return ofFreeze(event);
  return isEventOf(dialog, event) ? ofDialog(event) : [];
};
