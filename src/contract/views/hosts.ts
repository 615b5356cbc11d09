import { Schema } from "effect";
import { HostAccount } from "../../domain/deployment/account/arrival.ts";
import { DecisionAccount } from "../../domain/deployment/account/decision.ts";
import { DeploymentAccount, DiscussionAccount } from "../../domain/deployment/account/deployment.ts";
import { HostState } from "../../domain/host/state.ts";
import { AggregateId, Instant, LogEntry, Name, Principal } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, Limit, type PublishedView } from "./view.ts";

export const HostDocument = Schema.Struct({
  ...documentFields,
  id: Name,
  ...HostState.fields,
  reportedBy: Schema.optionalKey(Principal),
  reportedAt: Schema.optionalKey(Instant),
}).annotate({ identifier: "HostDocument" });
export type HostDocument = typeof HostDocument.Type;

const { id, status, target, graph, graphVersion, requested, stop } = DeploymentAccount.fields;

/** A condition of the vote that changed the graph: its text, its changes, and the voter whose approval had it. */
const MadeCondition = Schema.Struct({
  voter: Principal,
  condition: Schema.String,
  changes: Schema.Array(Schema.String),
});

/** A commit of the graph, with its changes to the host or the node in words. */
export const GraphCommit = Schema.Struct({
  position: Schema.Int,
  /** The graph's version after it. */
  version: Schema.Int,
  time: Instant,
  actor: Principal,
  command: Schema.String,
  /** The deployment that made it, because its approval required the change. */
  amends: Schema.optionalKey(AggregateId),
  /** The commit's last event, and that event's content id. */
  event: Schema.String,
  cid: Schema.String,
  changes: Schema.Array(Schema.Struct({ event: Schema.String, text: Schema.String })),
  /** The number of changes that are left out. */
  moreChanges: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "GraphCommit" });
export type GraphCommit = typeof GraphCommit.Type;

/** Why a host runs what it runs, or why a node is on it. */
export const HostReasons = Schema.Struct({
  host: Name,
  node: Schema.optionalKey(Name),
  running: HostAccount.fields.running,
  deployed: HostAccount.fields.deployed,
  /**
   * Present if the host does not run what was deployed: the meaning of the difference, since when, and who reported it.
   */
  difference: Schema.optionalKey(
    Schema.Struct({ text: Schema.String, since: LogEntry, earlier: Schema.optionalKey(AggregateId) }),
  ),
  /** The deployment that installed the deployed closure; absent if the host had it before any deployment. */
  deployment: Schema.optionalKey(
    Schema.Struct({
      ...DeploymentAccount.fields,
      /** The arrival of the closure on this host. */
      arrival: Schema.Struct({ closure: Schema.String, previous: Schema.String, confirmed: LogEntry }),
      /** The nodes on the host in that version of the graph. */
      nodes: Schema.Array(Name),
    }),
  ),
  decision: Schema.optionalKey(DecisionAccount),
  discussion: Schema.optionalKey(DiscussionAccount),
  /** The changes that conditions of the vote caused. */
  amendments: Schema.Array(MadeCondition),
  /** Deployments that were later rolled back on the host, newest first. */
  rolledBack: Schema.Array(
    Schema.Struct({
      id,
      status,
      target,
      graph,
      graphVersion,
      requested,
      stop,
      restored: Schema.String,
      reverted: LogEntry,
    }),
  ),
  /** The commits that made this part of the graph, newest first. */
  commits: Schema.Array(GraphCommit),
  /** The number of earlier commits that are left out. */
  earlierCommits: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "HostReasons" });
export type HostReasons = typeof HostReasons.Type;

export const hosts = {
  description: "The desired and the observed state of each host, and the differences.",
  document: HostDocument,
  operations: {
    ...documentOperations("hosts", HostDocument, HostDocument),
    why: {
      description:
        "Why a host runs what it runs, or why a node is on it: the deployment, its decision, ballots and dialog, and the commits of the graph",
      input: Schema.Struct({
        host: Name,
        /** Explains only why this node is on the host. */
        node: Schema.optionalKey(Name),
        /** The most commits of the graph in the answer, newest first. */
        limit: Limit(1000, 200),
      }),
      answer: HostReasons,
    },
  },
} satisfies PublishedView;
