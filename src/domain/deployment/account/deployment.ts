import { Schema } from "effect";
import { VoterCondition } from "../../consensus/ballot.ts";
import { Protocol } from "../../consensus/protocols.ts";
import { TurnNumber } from "../../dialog/contract.ts";
import type { dialog } from "../../dialog/decider.ts";
import { GraphChange } from "../../graph/contract.ts";
import { AggregateId, defined, LogEntry, logEntryOf, Name, Principal, type RecordedEventOf } from "../../kernel/mod.ts";
import { DeploymentStatus, Phase, Revision, Target } from "../contract.ts";
import { deployment } from "../decider.ts";
import { GlassReviewClosed } from "../glass.ts";
import { isOver } from "../lifecycle.ts";
import { Finding, reviewIn } from "../review.ts";

const { changes: _, ...foundFields } = Finding.fields;

/** The discussion of a deployment, before the vote and after it. */
export const DiscussionAccount = Schema.Struct({
  dialog: AggregateId,
  topic: Schema.String,
  turns: Schema.Array(
    Schema.Struct({
      turn: TurnNumber,
      speaker: Principal,
      text: Schema.String,
      /** The findings of a review. Their remedies are in the conditions of the vote. */
      findings: Schema.Array(Schema.Struct(foundFields)),
      said: LogEntry,
    }),
  ),
});
export type DiscussionAccount = typeof DiscussionAccount.Type;

/** Returns a discussion from all events of its dialog; undefined without events. */
export const discussionAccountOf = (
  events: ReadonlyArray<RecordedEventOf<typeof dialog.events>>,
): DiscussionAccount | undefined => {
  const opened = events.find((event) => event.type === "dialog-opened");
  if (opened === undefined) return undefined;
  const turns = events.flatMap((event) => {
    if (event.type !== "turn-said") return [];
    const { turn, speaker, text, data } = event.data;
    const findings = (reviewIn(data)?.findings ?? []).map(({ changes: _changes, ...found }) => found);
    return [{ turn, speaker, text, findings, said: logEntryOf(event) }];
  });
  return { dialog: opened.id, topic: opened.data.topic, turns };
};

type Event = RecordedEventOf<typeof deployment.events>;

const { graphVersion, graphDigest, flakeDigest } = Revision.fields;

/** Why a deployment was stopped. `by` is the principal that requested it, if any. */
const Stop = Schema.Struct({
  phase: Schema.optionalKey(Phase),
  reason: Schema.String,
  detail: Schema.optionalKey(Schema.String),
  by: Schema.optionalKey(Principal),
  stopped: LogEntry,
});

/**
 * The version that was deployed instead of the requested one, the changes between them, and the conditions that
 * required these changes.
 */
const Amendment = Schema.Struct({
  from: graphVersion,
  to: graphVersion,
  changes: Schema.Array(GraphChange),
  conditions: Schema.Array(VoterCondition),
  amended: LogEntry,
});

/** A broken glass. `closed` is absent while its review is open. */
const GlassAccount = Schema.Struct({
  by: Principal,
  reason: Schema.String,
  broken: LogEntry,
  closed: Schema.optionalKey(Schema.Struct({ ...GlassReviewClosed.fields, entry: LogEntry })),
});

/** A deployment according to its own events: what was deployed, for whom, and with which result. */
export const DeploymentAccount = Schema.Struct({
  id: AggregateId,
  status: DeploymentStatus,
  target: Target,
  /** Present if the request named one. */
  protocol: Schema.optionalKey(Protocol),
  graph: Name,
  /** The version that was deployed in the end. */
  graphVersion,
  graphDigest,
  flakeDigest,
  requested: LogEntry,
  /** The dialog of its discussion. */
  dialog: Schema.optionalKey(AggregateId),
  /** The proposal of its vote. */
  proposal: Schema.optionalKey(AggregateId),
  /** The conditions of the approval. */
  conditions: Schema.Array(VoterCondition),
  amendment: Schema.optionalKey(Amendment),
  flake: Schema.optionalKey(Schema.Struct({ files: Schema.Int, bytes: Schema.Int, generated: LogEntry })),
  stop: Schema.optionalKey(Stop),
  /** Who broke the glass for it, and who closed the review. */
  glass: Schema.optionalKey(GlassAccount),
  /** Its end; absent while it is open. */
  ended: Schema.optionalKey(LogEntry),
});
export type DeploymentAccount = typeof DeploymentAccount.Type;

const begun = (event: Event & { type: "deployment-requested" }): DeploymentAccount => {
  const { graph, graphVersion, graphDigest, flakeDigest, target, protocol } = event.data;
  return {
    id: event.id,
    status: "requested",
    target,
    graph,
    graphVersion,
    graphDigest,
    flakeDigest,
    ...defined({ protocol }),
    requested: logEntryOf(event),
    conditions: [],
  };
};

/** Returns what an event adds to the account, besides the status. */
const addition = (account: DeploymentAccount, event: Event): Partial<DeploymentAccount> => {
  const entry = logEntryOf(event);
  switch (event.type) {
    case "discussion-started":
      return { dialog: event.data.dialog };
    case "voting-started":
      return { proposal: event.data.proposal };
    case "deployment-approved":
      return { conditions: event.data.conditions };
    case "revision-amended": {
      const { graphVersion, graphDigest, flakeDigest, changes, conditions = account.conditions, pins } = event.data;
      // Changes that the graph already has create no version.
      if (graphVersion === account.graphVersion) return {};
      if (pins !== undefined) return { graphVersion, graphDigest, flakeDigest };
      const { from, ...before } = account.amendment ?? { from: account.graphVersion, changes: [], conditions: [] };
      const amendment = {
        from,
        to: graphVersion,
        changes: [...before.changes, ...changes],
        conditions: [...before.conditions, ...conditions],
        amended: entry,
      };
      return { graphVersion, graphDigest, flakeDigest, amendment };
    }
    case "glass-broken": {
      const { by, reason } = event.data;
      return { glass: { by, reason, broken: entry } };
    }
    case "glass-review-closed":
      return account.glass === undefined ? {} : { glass: { ...account.glass, closed: { ...event.data, entry } } };
    case "flake-generated":
      return { flake: { files: event.data.files, bytes: event.data.bytes, generated: entry } };
    case "rollback-started": {
      const { hosts: _hosts, task: _task, attempt: _attempt, ...why } = event.data;
      return { stop: { ...why, stopped: entry } };
    }
    case "deployment-failed":
      return { stop: { ...event.data, stopped: entry } };
    case "deployment-rejected":
      return { stop: { reason: event.data.outcome, ...defined({ detail: event.data.detail }), stopped: entry } };
    case "deployment-cancelled": {
      const { by, reason = "cancelled" } = event.data;
      return { stop: { reason, by, stopped: entry } };
    }
    default:
      return {};
  }
};

const withoutEnd = ({ ended: _, ...account }: DeploymentAccount): DeploymentAccount => account;

/** Returns a deployment from all its events; undefined without events. */
export const deploymentAccountOf = (events: ReadonlyArray<Event>): DeploymentAccount | undefined => {
  let account: DeploymentAccount | undefined;
  let state = deployment.initial;
  for (const event of events) {
    state = deployment.evolve(state, event, { ...event, aggregateId: event.id });
    if (event.type === "deployment-requested") account = begun(event);
    if (account === undefined || state === null) continue;
    const { status } = state;
    account = {
      ...withoutEnd(account),
      ...addition(account, event),
      status,
      ...defined({ ended: isOver(status) ? logEntryOf(event) : undefined }),
    };
  }
  return account;
};
