import { Effect, Schema, Struct } from "effect";
import { DeploymentId, DeploymentStatus, Target } from "../../domain/deployment/contract.ts";
import { Allowance } from "../../domain/graph/allowances.ts";
import { GraphDocument } from "../../domain/graph/document.ts";
import { GraphInput } from "../../domain/graph/host-files.ts";
import { Problem } from "../../domain/graph/problem.ts";
import { AggregateId, bounds, Instant, Name, Principal } from "../../domain/kernel/mod.ts";
import { Asked, documentFields, documentOperations, Limit, type PublishedView, Version } from "./view.ts";

/** A graph in its normal form: nodes by id, edges by identity. */
export const GraphEntry = Schema.Struct({
  ...documentFields,
  ...GraphDocument.fields,
  /** The owner, and the principals who may also change the graph. */
  owner: Principal,
  editors: Schema.Array(Principal),
  archived: Schema.Boolean,
  /** The fields that look like secrets and were declared harmless: who allowed each, and when. */
  secretLike: Schema.Array(Allowance),
  createdAt: Instant,
  updatedAt: Instant,
}).annotate({ identifier: "GraphEntry" });
export type GraphEntry = typeof GraphEntry.Type;

/** A graph in a list, without its nodes and edges. There may be thousands of them. */
export const GraphSummary = Schema.Struct({
  ...Struct.omit(GraphEntry.fields, ["nodes", "edges"]),
  nodeCount: Schema.Int,
  edgeCount: Schema.Int,
}).annotate({ identifier: "GraphSummary" });
export type GraphSummary = typeof GraphSummary.Type;

const graphAtVersion = {
  id: Name,
  /** The graph at this version, the end of a commit; without it, the newest. */
  version: Schema.optionalKey(Version),
};

/** A deployment of a version of a graph. */
const VersionDeployment = Schema.Struct({ id: DeploymentId, target: Target, status: DeploymentStatus });
export type VersionDeployment = typeof VersionDeployment.Type;

/** A version of a graph that can be named, the end of a commit. */
export const GraphVersion = Schema.Struct({
  version: Version,
  position: Schema.Int,
  time: Instant,
  actor: Principal,
  command: Schema.String,
  /** The deployment that made it, because its approval required the change. */
  amends: Schema.optionalKey(AggregateId),
  /** The number of events of the commit. */
  changes: Schema.Int,
  /** The changes in one line. */
  text: Schema.String,
  /** The deployments of this version, by their ids. */
  deployments: Schema.Array(VersionDeployment),
}).annotate({ identifier: "GraphVersion" });
export type GraphVersion = typeof GraphVersion.Type;

export const graphs = {
  description: "The deployment graphs that are designed.",
  document: GraphEntry,
  operations: {
    ...documentOperations("graphs", GraphEntry, GraphSummary),
    get: {
      description: "A graph, now or at a version, with its digest and its problems",
      input: Schema.Struct(graphAtVersion),
      answer: Schema.Struct({
        ...GraphEntry.fields,
        createdAt: Schema.optionalKey(Instant),
        digest: Schema.String,
        problems: Schema.Array(Problem),
      }),
    },
    versions: {
      description:
        "The versions of a graph that can be named, newest first: time, author, changes in one line, and deployments",
      input: Schema.Struct({
        id: Name,
        limit: Limit(500, 100),
        /** Returns only versions before this one: `before` of the previous page. */
        before: Schema.optionalKey(Version),
      }),
      answer: Schema.Struct({ items: Schema.Array(GraphVersion), before: Schema.optionalKey(Version) }),
    },
    file: {
      description:
        "The text of a file that a host of a graph names: a module of its operator, or a file that the module names",
      input: Schema.Struct({
        id: Name,
        version: Schema.optionalKey(Version),
        host: Name,
        path: Schema.NonEmptyString.check(Schema.isMaxLength(bounds.path)),
      }),
      answer: Schema.Struct({ digest: Schema.String, text: Schema.String }),
    },
    inputs: {
      description: "Where the inputs of a graph's flake come from, now or at a version, and whether they are pinned",
      input: Schema.Struct(graphAtVersion),
      answer: Schema.Struct({ inputs: Schema.Array(GraphInput) }),
    },
    flake: {
      description: "The flake that a graph, now or at a version, renders to: its digest, and its files by path",
      input: Schema.Struct({
        ...graphAtVersion,
        /**
         * The digest of a flake that was stored when a deployment was requested; without it, the graph is rendered now.
         */
        digest: Schema.optionalKey(Asked),
        /** If false, the answer has only the digest. */
        files: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
      }),
      answer: Schema.Struct({
        digest: Schema.String,
        files: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
      }),
    },
  },
} satisfies PublishedView;
