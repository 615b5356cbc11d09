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

/** A condition of the vote with changes, in words, and whose approval it came with. */
const MadeCondition = Schema.Struct({
  voter: Principal,
  condition: Schema.String,
  changes: Schema.Array(Schema.String),
});

/** A commit of the graph, and its changes of the host or the node, in words. */
export const GraphCommit = Schema.Struct({
  position: Schema.Int,
  /** The graph's version after it. */
  version: Schema.Int,
  time: Instant,
  actor: Principal,
  command: Schema.String,
  /** The deployment that made it because its approval depended on it. */
  amends: Schema.optionalKey(AggregateId),
  /** Its last event, and the content id of that. */
  event: Schema.String,
  cid: Schema.String,
  changes: Schema.Array(Schema.Struct({ event: Schema.String, text: Schema.String })),
  /** How many changes are left out. */
  moreChanges: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "GraphCommit" });
export type GraphCommit = typeof GraphCommit.Type;

/** Why a host runs what it runs, or why a node is on it. */
export const HostReasons = Schema.Struct({
  host: Name,
  node: Schema.optionalKey(Name),
  running: HostAccount.fields.running,
  deployed: HostAccount.fields.deployed,
  /** If the host runs something else than was deployed: what that means, since when, and who reported it. */
  difference: Schema.optionalKey(
    Schema.Struct({ text: Schema.String, since: LogEntry, earlier: Schema.optionalKey(AggregateId) }),
  ),
  /** The deployment that put the deployed closure there; absent if the host had it before any deployment. */
  deployment: Schema.optionalKey(
    Schema.Struct({
      ...DeploymentAccount.fields,
      /** On this host. */
      arrival: Schema.Struct({ closure: Schema.String, previous: Schema.String, confirmed: LogEntry }),
      /** The nodes on the host in that version of the graph. */
      nodes: Schema.Array(Name),
    }),
  ),
  decision: Schema.optionalKey(DecisionAccount),
  discussion: Schema.optionalKey(DiscussionAccount),
  /** The changes that conditions of the vote made. */
  amendments: Schema.Array(MadeCondition),
  /** Deployments that were taken off the host again since, newest first. */
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
  /** How many earlier ones are left out. */
  earlierCommits: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "HostReasons" });
export type HostReasons = typeof HostReasons.Type;

export const hosts = {
  description: "The desired state of each host, its observed state, and how the two differ.",
  document: HostDocument,
  operations: {
    ...documentOperations("hosts", HostDocument, HostDocument),
    why: {
      description:
        "Why a host runs what it runs, or why a node is on it: the deployment, its decision, ballots and dialog, and the commits of the graph",
      input: Schema.Struct({
        host: Name,
        /** Only why this node is on the host. */
        node: Schema.optionalKey(Name),
        /** The number of commits of the graph in the answer, the newest first. */
        limit: Limit(1000, 200),
      }),
      answer: HostReasons,
    },
  },
} satisfies PublishedView;
